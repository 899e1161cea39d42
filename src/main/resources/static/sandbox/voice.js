import {element} from './words.js';

/** What a phone would record, as far as the browser can. */
const TYPES = ['audio/ogg;codecs=opus', 'audio/mp4'];

/**
 * Records a voice note while a button is pressed in. Who has no microphone, or a browser that records nothing a phone
 * would, sends one that is ready.
 *
 * @param send takes a file, or `{sample: 'audio'}`
 */
export function voice(button, strip, texts, send) {
  let recorder = null;

  async function start() {
    const type = TYPES.find(one => globalThis.MediaRecorder?.isTypeSupported(one));
    let stream;
    try {
      if (!type) {
        throw new Error('no type that phones record');
      }
      stream = await navigator.mediaDevices.getUserMedia({audio: true});
    } catch {
      send({sample: 'audio', name: texts['ready.audio']});
      return;
    }
    const parts = [];
    recorder = new MediaRecorder(stream, {mimeType: type});
    recorder.addEventListener('dataavailable', event => parts.push(event.data));
    recorder.addEventListener('stop', () => {
      stream.getTracks().forEach(track => track.stop());
      strip.replaceChildren();
      const suffix = type.startsWith('audio/ogg') ? 'ogg' : 'm4a';
      send(new File(parts, `voz.${suffix}`, {type}));
      recorder = null;
      show(false);
    });
    recorder.start();
    strip.replaceChildren(element('span', 'recording', texts.recording));
    show(true);
  }

  function show(recording) {
    button.setAttribute('aria-pressed', String(recording));
    const label = recording ? texts.stopRecording : texts.record;
    button.setAttribute('aria-label', label);
    button.title = label;
    button.querySelector('use').setAttribute('href', recording ? '#i-stop' : '#i-mic');
  }

  button.addEventListener('click', () => recorder ? recorder.stop() : start());
}
