import {composer} from './composer.js';
import {bbCode, element, emoji, icon, link, plainText, REACTIONS, whatsApp} from './words.js';
import {voice} from './voice.js';

const texts = JSON.parse(document.body.dataset.texts);
const find = id => document.getElementById(id);
const time = new Intl.DateTimeFormat(document.documentElement.lang, {hour: '2-digit', minute: '2-digit'});
const day = new Intl.DateTimeFormat(document.documentElement.lang, {weekday: 'short', hour: '2-digit', minute: '2-digit'});
const say = (key, detail) => texts[key].replace('{0}', detail);

let state = JSON.parse(document.body.dataset.state);
let customer = document.querySelector('input[name=customer]:checked').value;
let chat = null;
const seen = new Map();
const drawn = new Map();

/* ------------------------------------------------------------ commands */

async function post(path, body) {
  const answer = await fetch(path, {
    method: 'POST',
    headers: {[document.body.dataset.csrfHeader]: document.body.dataset.csrf},
    body,
  });
  if (answer.status === 403) {
    // The server has started anew and has another token.
    location.reload();
  } else if (answer.status === 413) {
    find('state').textContent = texts.tooLarge;
  }
}

function command(path, fields) {
  return post(path, new URLSearchParams(fields));
}

function upload(path, fields, files) {
  const form = new FormData();
  Object.entries(fields).forEach(([name, value]) => form.append(name, value));
  files.forEach(file => file.sample ? form.append('sample', file.sample) : form.append('file', file, file.name));
  return post(path, form);
}

const phoneComposer = composer('phone', texts, ({text, files, quoted, editing}) =>
  editing
    ? command('/sandbox/customer-message', {waId: customer, message: editing, what: 'edit', text})
    : files.length
      ? upload('/sandbox/customer-file', {waId: customer, text, quoted}, files)
      : command('/sandbox/customer', {waId: customer, text, quoted}));
const agentComposer = composer('agent', texts, ({text, files, quoted, editing}) =>
  editing
    ? command('/sandbox/agent-message', {message: editing, what: 'edit', text})
    : files.length
      ? upload('/sandbox/agent-file', {chat, text, quoted}, files)
      : command('/sandbox/agent', {chat, text, quoted}));

voice(find('record'), find('phone-strip'), texts, file =>
  upload('/sandbox/customer-file', {waId: customer}, [file]));

document.querySelectorAll('[data-type]').forEach(button =>
  button.addEventListener('click', () => {
    phoneComposer.close();
    command('/sandbox/customer', {waId: customer, type: button.dataset.type});
  }));

find('template').addEventListener('change', event => {
  const text = find('agent-text');
  text.value = event.target.value;
  event.target.value = '';
  text.focus();
});

find('let-pass').addEventListener('click', () => {
  const current = state.chats.find(one => one.id === chat);
  command('/sandbox/faults', {fault: 'window', waId: current.customer});
});

find('end').addEventListener('click', () => command('/sandbox/agent-end', {chat}));

/* ------------------------------------------------------------ what can be done with a message */

const menu = find('menu');

function item(label, picture, act) {
  const button = element('button', '', picture ?? '');
  button.type = 'button';
  button.setAttribute('role', 'menuitem');
  button.append(element('span', picture?.classList.contains('emoji') ? 'quiet' : '', label));
  button.addEventListener('click', () => {
    menu.hidePopover();
    act();
  });
  return button;
}

/** A button that opens the menu of a message. */
function more(items) {
  const button = element('button', 'plain menu-button', icon('i-more'));
  button.type = 'button';
  button.setAttribute('aria-haspopup', 'menu');
  button.setAttribute('aria-label', texts.menu);
  button.addEventListener('click', () => {
    menu.replaceChildren(...items());
    menu.showPopover();
    const at = button.getBoundingClientRect();
    const {width, height} = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    menu.style.top = `${at.bottom + height > innerHeight - 8 ? Math.max(8, at.top - height) : at.bottom}px`;
    menu.querySelector('button').focus();
  });
  return button;
}

menu.addEventListener('keydown', event => {
  const step = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1}[event.key];
  if (step) {
    event.preventDefault();
    const all = [...menu.querySelectorAll('button')];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  }
});

function phoneMenu(message) {
  const act = (what, text = '') =>
    command('/sandbox/customer-message', {waId: customer, message: message.id, what, text});
  const reactions = element('div', 'reactions');
  REACTIONS.forEach(one => reactions.append(item(one, emoji(one), () => act('react', one))));
  const items = [reactions, item(texts['do.reply'], null, () => phoneComposer.quote(message.id, whatsApp(phoneWords(message)).textContent))];
  if (message.reaction) {
    items.push(item(texts['do.unreact'], null, () => act('react')));
  }
  if (message.mine && message.type === 'text') {
    items.push(item(texts['do.edit'], null, () => phoneComposer.edit(message.id, message.text)));
  }
  if (message.mine) {
    items.push(item(texts['do.delete'], null, () => act('delete')));
  }
  return items;
}

function chatMenu(message) {
  const words = plainText(message.text) || message.files;
  const items = [item(texts['do.reply'], null, () => agentComposer.quote(message.id, words))];
  if (message.author === 'AGENT') {
    items.push(
      item(texts['do.edit'], null, () => agentComposer.edit(message.id, plainText(message.text))),
      item(texts['do.delete'], null, () => command('/sandbox/agent-message', {message: message.id, what: 'delete'})));
  }
  return items;
}

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
    phoneComposer.forget();
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

/**
 * A file in place where it can be shown, and a link to it where it cannot.
 *
 * @param from where it came from, if it is to be opened there
 */
function attached(address, type, name, from) {
  const family = /^(image\/(jpeg|png|gif|webp)|audio|video)/.exec(type ?? '')?.[0].split('/')[0];
  const file = element('div', 'file');
  if (family) {
    const shown = element(family === 'image' ? 'img' : family);
    shown.src = address;
    if (family === 'image') {
      shown.alt = name;
    } else {
      shown.controls = true;
    }
    file.append(shown);
  }
  if (!family || from) {
    const anchor = link(from ?? address, icon(family ? 'i-file' : 'i-document'));
    anchor.append(name);
    anchor.className = 'named';
    if (!from) {
      anchor.download = name;
    }
    file.append(anchor);
  }
  return file;
}

/** A message of the phone in few words. */
function phoneWords(message) {
  return message.deleted
    ? texts[message.mine ? 'deletedMine' : 'deletedTheirs']
    : message.text.replace(/^\[\w+\]$/, '') || message.fileName || (texts[`type.${message.type}`] ?? message.type);
}

function phoneBubble(message) {
  const bubble = element('div', `bubble ${message.mine ? 'mine' : 'other'}${message.failure ? ' never' : ''}`);
  if (message.answers) {
    const phone = state.phones.find(one => one.id === customer);
    const quoted = phone.messages.find(one => one.id === message.answers);
    const words = whatsApp(quoted ? phoneWords(quoted) : texts.earlier);
    words.className = '';
    bubble.append(element('blockquote', '', words));
  }
  if (message.file) {
    bubble.append(attached(`/sandbox/files/phone/${encodeURIComponent(message.id)}`, message.file,
      message.fileName ?? texts[`type.${message.type}`] ?? message.type));
  }
  if (message.deleted) {
    bubble.append(element('div', 'body gone', phoneWords(message)));
  } else if (!message.file) {
    bubble.append(whatsApp(phoneWords(message)));
  } else if (message.text) {
    bubble.append(whatsApp(message.text));
  }
  if (message.failure) {
    bubble.append(element('div', 'failure', say('neverArrived', message.failure)));
  }
  const meta = element('span', 'meta', (message.edited ? `${texts.edited} ` : '') + time.format(message.at));
  if (message.mine) {
    meta.append(ticks(message.tick === 'NONE' ? '✓' : '✓✓', message.tick === 'READ' ? 'read' : '', texts[`tick.${message.tick}`]));
  }
  bubble.append(meta);
  if (message.buttons.length && !message.failure) {
    bubble.append(buttons(message));
  }
  if (message.reaction) {
    bubble.classList.add('reacted');
    bubble.append(element('span', 'reaction', REACTIONS.includes(message.reaction) ? emoji(message.reaction) : message.reaction));
  }
  if (!message.deleted && !message.failure) {
    bubble.append(more(() => phoneMenu(message)));
  }
  return bubble;
}

function buttons(message) {
  const list = element('div', 'buttons');
  message.buttons.forEach(one => {
    if (one.url) {
      list.append(link(one.url, one.text));
      return;
    }
    const button = element('button', '', one.text);
    button.type = 'button';
    button.addEventListener('click', () =>
      command('/sandbox/customer-message', {waId: customer, message: message.id, what: 'press', text: one.text}));
    list.append(button);
  });
  return list;
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
      bubble.append(attached(`/sandbox/files/chat/${message.id}/${index}`, file.type, file.name, file.link)));
  } else if (message.files) {
    const named = element('div', 'hint named', icon('i-document'));
    named.append(message.files);
    bubble.append(named);
  }
  const meta = element('span', 'meta', (message.edited ? `${texts.edited} ` : '') + time.format(message.at));
  if (message.author === 'AGENT' && message.mark !== 'NONE') {
    meta.append(ticks({SENDING: '◷', DELIVERED: '✓', READ: '✓✓'}[message.mark], message.mark === 'READ' ? 'read' : '', texts[`mark.${message.mark}`]));
  }
  bubble.append(meta);
  if (message.author !== 'SYSTEM') {
    bubble.append(more(() => chatMenu(message)));
  }
  return bubble;
}

function drawWindow(current) {
  find('window').hidden = !current?.closes;
  if (current?.closes) {
    const open = current.closes > Date.now();
    find('window-state').textContent = open ? say('windowOpen', day.format(current.closes)) : texts.windowClosed;
    find('window').classList.toggle('closed', !open);
    find('let-pass').disabled = !open;
  }
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
    last: plainText(one.messages.at(-1)?.text ?? '') || one.messages.at(-1)?.files || '',
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
  document.querySelector('#agent-form .attach').inert = !current;
  find('template').disabled = !current;
  drawWindow(current);
  find('end').hidden = !current;
  find('end').disabled = current?.ended;
  find('end').textContent = texts[current?.ended ? 'ended' : 'end'];
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
