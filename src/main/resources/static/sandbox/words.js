/** The reactions that the phone offers, in the order of the page's pictures of them. */
export const REACTIONS = ['👍', '❤️', '😂', '😮', '😢'];

const PICTURED = /👍|❤️|😂|😮|😢/gu;

export function element(name, className, content) {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  if (content !== undefined) {
    made.append(content);
  }
  return made;
}

/** One of the page's own pictures, which need no font. */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  const use = document.createElementNS(space, 'use');
  use.setAttribute('href', `#${name}`);
  svg.append(use);
  return svg;
}

export function emoji(character) {
  const shown = element('span', 'emoji', icon(`e-${REACTIONS.indexOf(character)}`));
  shown.setAttribute('role', 'img');
  shown.setAttribute('aria-label', character);
  return shown;
}

export function link(address, words) {
  const anchor = element('a', '', words);
  anchor.href = address;
  anchor.target = '_blank';
  anchor.rel = 'noopener noreferrer';
  return anchor;
}

function put(node, text) {
  let last = 0;
  for (const found of text.matchAll(PICTURED)) {
    node.append(text.slice(last, found.index), emoji(found[0]));
    last = found.index + found[0].length;
  }
  node.append(text.slice(last));
}

/** WhatsApp's own marks: *bold*, _italic_, ~strike~, ```code```, and addresses. */
export function whatsApp(text) {
  const body = element('div', 'body');
  const pattern = /```([^`]+)```|\*(\S(?:[^*\n]*\S)?)\*|_(\S(?:[^_\n]*\S)?)_|~(\S(?:[^~\n]*\S)?)~|(https?:\/\/\S+)/g;
  let last = 0;
  for (const found of text.matchAll(pattern)) {
    put(body, text.slice(last, found.index));
    const [whole, code, bold, italic, strike, address] = found;
    body.append(
      code ? element('code', '', code)
        : bold ? element('b', '', bold)
          : italic ? element('i', '', italic)
            : strike ? element('s', '', strike)
              : link(address, address));
    last = found.index + whole.length;
  }
  put(body, text.slice(last));
  return body;
}

/** The BBCode that agents write and connectors send, with the messenger's two ways to quote. */
export function bbCode(text) {
  const body = element('div', 'body');
  const quote = /^-{54}\n(.*?) \[[^\]]*\] #\S+\n([\s\S]*?)\n-{54}\n/;
  let rest = text.replace(/\[br\]/gi, '\n');
  const quoted = quote.exec(rest);
  if (quoted) {
    const shown = element('blockquote', '', element('b', '', quoted[1]));
    shown.append(marked(quoted[2]));
    body.append(shown);
    rest = rest.slice(quoted[0].length);
  }
  for (const part of rest.split(/((?:^>>.*(?:\n|$))+)/m)) {
    if (part.startsWith('>>')) {
      body.append(element('blockquote', '', marked(part.replace(/^>>/gm, '').trimEnd())));
    } else if (part) {
      body.append(marked(part));
    }
  }
  return body;
}

function marked(text) {
  const body = element('span');
  const open = [{tag: null, node: body}];
  const pattern = /\[(b|i|u|s|code)\]|\[url(?:=([^\]]*))?\]|\[\/(b|i|u|s|code|url)\]/gi;
  let last = 0;
  const plain = until => put(open.at(-1).node, text.slice(last, until));
  for (const found of text.matchAll(pattern)) {
    plain(found.index);
    last = found.index + found[0].length;
    const [, tag, address, closed] = found;
    if (tag) {
      const node = element(tag.toLowerCase());
      open.at(-1).node.append(node);
      open.push({tag: tag.toLowerCase(), node});
    } else if (closed) {
      const at = open.map(one => one.tag).lastIndexOf(closed.toLowerCase());
      if (at > 0) {
        const [{node}] = open.splice(at);
        if (closed.toLowerCase() === 'url' && !node.getAttribute('href')) {
          node.href = /^https?:/i.test(node.textContent) ? node.textContent : '#';
        }
      }
    } else {
      const node = link(/^https?:/i.test(address ?? '') ? address : '', '');
      open.at(-1).node.append(node);
      open.push({tag: 'url', node});
    }
  }
  plain(text.length);
  return body;
}

/** The words alone, on one line. */
export function plainText(text) {
  return text.replace(/\[br\]/gi, '\n')
    .replace(/^-{54}\n[\s\S]*?\n-{54}\n/, '')
    .replace(/\[\/?(b|i|u|s|code|url)[^\]]*\]/gi, '')
    .replace(/\s+/g, ' ');
}
