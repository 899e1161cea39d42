'use strict';

(() => {
  const texts = JSON.parse(document.body.dataset.texts);
  const find = id => document.getElementById(id);
  const time = new Intl.DateTimeFormat(document.documentElement.lang, {hour: '2-digit', minute: '2-digit'});
  const say = (key, detail) => texts[key].replace('{0}', detail);

  let state = JSON.parse(document.body.dataset.state);
  let customer = document.querySelector('input[name=customer]:checked').value;
  let chat = null;
  const seen = new Map();
  const drawn = new Map();

  /* ------------------------------------------------------------ commands */

  async function command(path, fields) {
    const answer = await fetch(path, {
      method: 'POST',
      headers: {[document.body.dataset.csrfHeader]: document.body.dataset.csrf},
      body: new URLSearchParams(fields),
    });
    if (answer.status === 403) {
      // The server has started anew and has another token.
      location.reload();
    }
  }

  function composer(form, text, send) {
    form.addEventListener('submit', event => {
      event.preventDefault();
      const written = text.value.trim();
      if (written) {
        text.value = '';
        send(written);
      }
      text.focus();
    });
    text.addEventListener('keydown', event => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
  }

  composer(find('phone-form'), find('phone-text'), text =>
    command('/sandbox/customer', {waId: customer, text}));
  composer(find('agent-form'), find('agent-text'), text =>
    command('/sandbox/agent', {chat, text}));

  function attaching(input, text, path, fields) {
    input.addEventListener('change', async () => {
      const [file] = input.files;
      if (!file) {
        return;
      }
      const words = text.value.trim();
      const query = new URLSearchParams({...fields(), name: file.name, text: words});
      input.value = '';
      const answer = await fetch(`${path}?${query}`, {
        method: 'POST',
        headers: {
          [document.body.dataset.csrfHeader]: document.body.dataset.csrf,
          'Content-Type': file.type || 'application/octet-stream',
        },
        body: file,
      });
      if (answer.status === 413) {
        find('state').textContent = texts.tooLarge;
      } else if (answer.status === 403) {
        location.reload();
      } else if (answer.ok) {
        text.value = '';
      }
    });
  }

  attaching(find('phone-file'), find('phone-text'), '/sandbox/customer-file', () => ({waId: customer}));
  attaching(find('agent-file'), find('agent-text'), '/sandbox/agent-file', () => ({chat}));

  find('phone-type').addEventListener('change', event => {
    if (event.target.value) {
      command('/sandbox/customer', {waId: customer, type: event.target.value});
      event.target.value = '';
    }
  });
  find('crowd').addEventListener('click', () =>
    command('/sandbox/customer', {waId: customer, type: 'crowd'}));

  document.querySelectorAll('input[name=customer]').forEach(choice =>
    choice.addEventListener('change', () => {
      customer = choice.value;
      draw();
    }));

  document.querySelectorAll('[data-tag]').forEach(button =>
    button.addEventListener('click', () => {
      const text = find('agent-text');
      const tag = button.dataset.tag;
      const open = tag === 'url' ? '[url=https://]' : `[${tag}]`;
      const {selectionStart: from, selectionEnd: to} = text;
      text.setRangeText(open + text.value.slice(from, to) + `[/${tag}]`, from, to, 'end');
      const cursor = tag === 'url' ? from + open.length - 1 : from === to ? from + open.length : null;
      text.focus();
      if (cursor !== null) {
        text.setSelectionRange(cursor, cursor);
      }
    }));

  find('faults').addEventListener('submit', event => event.preventDefault());
  document.querySelectorAll('#faults input[type=checkbox]').forEach(box =>
    box.addEventListener('change', () =>
      command('/sandbox/faults', {fault: box.name, on: box.checked})));
  document.querySelectorAll('[data-fault]').forEach(button =>
    button.addEventListener('click', () => {
      const fields = {fault: button.dataset.fault, waId: customer};
      if (fields.fault === 'refuse') {
        [fields.fault, fields.code] = find('refuse-code').value.split(' ');
      }
      command('/sandbox/faults', fields);
    }));

  /* ------------------------------------------------------------ tabs */

  const tabs = [...document.querySelectorAll('[role=tab]')];
  function show(tab) {
    tabs.forEach(other => {
      other.setAttribute('aria-selected', String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    });
    document.querySelector('.stage').dataset.tab = tab.getAttribute('aria-controls');
    draw();
  }
  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => show(tab));
    tab.addEventListener('keydown', event => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (step) {
        const next = tabs[(index + step + tabs.length) % tabs.length];
        next.focus();
        show(next);
      }
    });
  });

  const named = tabs.find(tab => location.hash === `#${tab.getAttribute('aria-controls')}`);
  if (named) {
    show(named);
  }

  /* ------------------------------------------------------------ words */

  function element(name, className, content) {
    const made = document.createElement(name);
    if (className) {
      made.className = className;
    }
    if (content !== undefined) {
      made.append(content);
    }
    return made;
  }

  function link(address, words) {
    const anchor = element('a', '', words);
    anchor.href = address;
    anchor.target = '_blank';
    anchor.rel = 'noopener noreferrer';
    return anchor;
  }

  /** WhatsApp's own marks: *bold*, _italic_, ~strike~, ```code```, and addresses. */
  function whatsApp(text) {
    const body = element('div', 'body');
    const pattern = /```([^`]+)```|\*(\S(?:[^*\n]*\S)?)\*|_(\S(?:[^_\n]*\S)?)_|~(\S(?:[^~\n]*\S)?)~|(https?:\/\/\S+)/g;
    let last = 0;
    for (const found of text.matchAll(pattern)) {
      body.append(text.slice(last, found.index));
      const [whole, code, bold, italic, strike, address] = found;
      body.append(
        code ? element('code', '', code)
          : bold ? element('b', '', bold)
            : italic ? element('i', '', italic)
              : strike ? element('s', '', strike)
                : link(address, address));
      last = found.index + whole.length;
    }
    body.append(text.slice(last));
    return body;
  }

  /** The BBCode that agents write and connectors send. */
  function bbCode(text) {
    const body = element('div', 'body');
    const open = [{tag: null, node: body}];
    const pattern = /\[br\]|\[(b|i|u|s|code)\]|\[url(?:=([^\]]*))?\]|\[\/(b|i|u|s|code|url)\]/gi;
    let last = 0;
    const plain = until => open.at(-1).node.append(text.slice(last, until));
    for (const found of text.matchAll(pattern)) {
      plain(found.index);
      last = found.index + found[0].length;
      const [whole, tag, address, closed] = found;
      if (/^\[br\]$/i.test(whole)) {
        open.at(-1).node.append('\n');
      } else if (tag) {
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

  /* ------------------------------------------------------------ drawing */

  /** Draws a list only when it has changed, and stays at its end if it was there. */
  function fill(list, key, items, make, emptyText) {
    const now = key + JSON.stringify(items);
    if (drawn.get(list.id) === now) {
      return;
    }
    const another = !(drawn.get(list.id) ?? '').startsWith(key);
    const atEnd = another || list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    drawn.set(list.id, now);
    list.replaceChildren(...(items.length || !emptyText ? items.map(make) : [element('p', 'empty', emptyText)]));
    if (atEnd) {
      list.scrollTop = list.scrollHeight;
    }
  }

  function ticks(marks, className, label) {
    const shown = element('span', `ticks ${className}`, marks);
    shown.setAttribute('role', 'img');
    shown.setAttribute('aria-label', label);
    shown.title = label;
    return shown;
  }

  /** A file in place where it can be shown, and a link to it where it cannot. */
  function attached(address, type, name) {
    const family = /^(image\/(jpeg|png|gif|webp)|audio|video)/.exec(type ?? '')?.[0].split('/')[0];
    if (!family) {
      const anchor = link(address, `📎 ${name}`);
      anchor.download = name;
      return element('div', 'hint', anchor);
    }
    const shown = element(family === 'image' ? 'img' : family);
    shown.src = address;
    if (family === 'image') {
      shown.alt = name;
    } else {
      shown.controls = true;
    }
    return shown;
  }

  function phoneBubble(message) {
    const bubble = element('div', `bubble ${message.mine ? 'mine' : 'other'}`);
    if (message.file) {
      bubble.append(attached(`/sandbox/files/phone/${encodeURIComponent(message.id)}`, message.file,
        texts[`type.${message.type}`] ?? message.type));
    }
    bubble.append(message.type === 'text'
      ? whatsApp(message.text)
      : message.file
        ? whatsApp(message.text.replace(/^\[\w+\]\s*/, ''))
        : element('div', 'body', message.text.startsWith('[') ? texts[`type.${message.type}`] ?? message.text : message.text));
    const meta = element('span', 'meta', time.format(message.at));
    if (message.mine) {
      meta.append(ticks(message.tick === 'NONE' ? '✓' : '✓✓', message.tick === 'READ' ? 'read' : '', texts[`tick.${message.tick}`]));
    }
    bubble.append(meta);
    return bubble;
  }

  function chatBubble(message) {
    const kind = {AGENT: 'mine', CUSTOMER: 'other', SYSTEM: 'system'}[message.author];
    const bubble = element('div', `bubble ${kind}`);
    if (message.author !== 'SYSTEM') {
      bubble.append(element('span', 'who', message.name));
    }
    bubble.append(bbCode(message.text));
    if (message.attached) {
      message.attached.forEach((file, index) =>
        bubble.append(attached(`/sandbox/files/chat/${message.id}/${index}`, file.type, file.name)));
    } else if (message.files) {
      bubble.append(element('div', 'hint', `📎 ${message.files}`));
    }
    const meta = element('span', 'meta', time.format(message.at));
    if (message.author === 'AGENT' && message.mark !== 'NONE') {
      meta.append(ticks({SENDING: '◷', DELIVERED: '✓', READ: '✓✓'}[message.mark], message.mark === 'READ' ? 'read' : '', texts[`mark.${message.mark}`]));
    }
    bubble.append(meta);
    return bubble;
  }

  function plainText(text) {
    return text.replace(/\[br\]/gi, ' ').replace(/\[\/?(b|i|u|s|code|url)[^\]]*\]/gi, '');
  }

  function wireLine(passage) {
    const line = element('li');
    const where = element('span', 'where', (passage.vendor === 'meta' ? 'WA' : 'B24') + (passage.in ? ' →' : ' ←'));
    where.title = texts[passage.in ? 'toApp' : 'fromApp'];
    const good = passage.status >= 200 && passage.status < 400 && !passage.note.startsWith('error');
    const what = element('span', 'what', passage.what + ' ');
    what.append(element('span', `status ${good ? 'good' : 'bad'}`, passage.status ? String(passage.status) : texts.noAnswer));
    if (passage.note) {
      what.append(element('span', 'note', ` ${passage.note}`));
    }
    line.append(where, what);
    return line;
  }

  function isVisible(node) {
    return node.offsetParent !== null;
  }

  function draw() {
    const phone = state.phones.find(one => one.id === customer);
    fill(find('phone-messages'), customer, phone.messages, phoneBubble, texts.noMessages);

    const chats = [...state.chats].sort((one, other) =>
      (other.messages.at(-1)?.at ?? 0) - (one.messages.at(-1)?.at ?? 0));
    if (!chats.some(one => one.id === chat)) {
      chat = chats[0]?.id ?? null;
    }
    const current = chats.find(one => one.id === chat);
    if (current && isVisible(find('agent-messages'))) {
      seen.set(chat, current.messages.length);
    }
    find('no-dialogs').hidden = chats.length > 0;
    const unread = one => one.messages.slice(seen.get(one.id) ?? 0).filter(message => message.author !== 'AGENT').length;
    const rows = chats.map(one => ({
      id: one.id,
      name: one.name,
      last: plainText(one.messages.at(-1)?.text ?? ''),
      unread: one.id === chat ? 0 : unread(one),
      current: one.id === chat,
    }));
    const focused = document.activeElement?.dataset?.chat;
    fill(find('dialogs'), 'dialogs', rows, row => {
      const item = element('li');
      const button = element('button');
      button.type = 'button';
      button.dataset.chat = row.id;
      if (row.current) {
        button.setAttribute('aria-current', 'true');
      }
      const name = element('span', 'name', element('span', '', row.name));
      if (row.unread) {
        name.append(element('span', 'unread', String(row.unread)));
      }
      button.append(name, element('span', 'last', row.last));
      button.addEventListener('click', () => {
        chat = row.id;
        draw();
      });
      item.append(button);
      return item;
    });
    if (focused) {
      document.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
    }
    find('agent-text').disabled = !current;
    find('agent-send').disabled = !current;
    find('agent-file').disabled = !current;
    const bar = find('dialog-bar');
    if (current) {
      bar.replaceChildren(element('strong', '', current.name), element('small', '', current.phone));
    } else {
      bar.replaceChildren(element('strong', '', texts.noDialog));
    }
    fill(find('agent-messages'), chat ?? '', current?.messages ?? [], chatBubble);

    document.querySelectorAll('#faults input[type=checkbox]').forEach(box => {
      box.checked = state.faults[box.name];
    });
    const left = find('refusals-left');
    left.hidden = !state.faults.refusalsLeft;
    left.textContent = say('refusalsLeft', state.faults.refusalsLeft);
    const underWay = find('under-way');
    underWay.hidden = !state.webhooksUnderWay;
    underWay.textContent = say('underWay', state.webhooksUnderWay);
    find('no-wire').hidden = state.log.length > 0;
    fill(find('wire'), 'wire', state.log, wireLine);
  }

  /* ------------------------------------------------------------ live */

  draw();
  const status = find('state');
  function connection(name) {
    status.className = `state ${name}`;
    status.textContent = texts[name];
  }
  const stream = new EventSource('/sandbox/stream');
  stream.addEventListener('open', () => connection('live'));
  stream.addEventListener('error', () => connection('lost'));
  stream.addEventListener('state', event => {
    state = JSON.parse(event.data);
    draw();
  });
})();
