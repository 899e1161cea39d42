import {element, icon} from './words.js';

/**
 * What somebody is about to send: words, files that wait for them, and the message that is answered or changed.
 *
 * @param side `phone` or `agent`, by which the page's parts are called
 * @param texts the page's words by key
 * @param send takes `{text, files, quoted, editing}`; files are a browser's own, or `{sample}`
 */
export function composer(side, texts, send) {
  const find = name => document.getElementById(`${side}-${name}`);
  const form = find('form');
  const text = find('text');
  const strip = find('strip');
  const attach = form.querySelector('.attach');
  let files = [];
  let about = null;

  function chip(words, label, drop) {
    const shown = element('span', 'chip', element('span', '', words));
    const button = element('button', 'plain', icon('i-close'));
    button.type = 'button';
    button.setAttribute('aria-label', `${label}: ${words}`);
    button.addEventListener('click', () => {
      drop();
      draw();
      text.focus();
    });
    shown.append(button);
    return shown;
  }

  function draw() {
    strip.replaceChildren(...files.map((file, index) =>
      chip(file.name, texts.remove, () => files.splice(index, 1))));
    if (about) {
      strip.prepend(chip(`${about.editing ? texts.editing : texts.quoting}: ${about.words}`, texts.cancel, clear));
    }
  }

  function clear() {
    if (about?.editing) {
      text.value = '';
    }
    about = null;
  }

  function add(file) {
    files.push(file);
    attach.open = false;
    draw();
    text.focus();
  }

  form.addEventListener('submit', event => {
    event.preventDefault();
    const written = text.value.trim();
    if (written || files.length) {
      send({text: written, files, quoted: about && !about.editing ? about.id : '', editing: about?.editing ? about.id : ''});
      text.value = '';
      files = [];
      about = null;
      draw();
    }
    text.focus();
  });
  text.addEventListener('keydown', event => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  find('file').addEventListener('change', event => {
    [...event.target.files].forEach(add);
    event.target.value = '';
  });
  attach.querySelectorAll('[data-sample]').forEach(button =>
    button.addEventListener('click', () => add({sample: button.dataset.sample, name: button.textContent.trim()})));
  attach.addEventListener('focusout', event => {
    if (event.relatedTarget && !attach.contains(event.relatedTarget)) {
      attach.open = false;
    }
  });
  document.addEventListener('click', event => {
    if (!attach.contains(event.target)) {
      attach.open = false;
    }
  });
  form.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      attach.open = false;
    }
  });

  return {
    quote(id, words) {
      about = {id, words};
      draw();
      text.focus();
    },
    edit(id, words) {
      about = {id, words, editing: true};
      text.value = words;
      draw();
      text.focus();
    },
    close() {
      attach.open = false;
    },
    /** Another chat: what was meant for the last one is not sent there. */
    forget() {
      clear();
      files = [];
      draw();
    },
  };
}
