// A question read aloud by the phone's own voice: nothing is sent anywhere. Who pressed “Read aloud” fetches this.
(() => {
  const speech = speechSynthesis, body = document.body, page = document.documentElement;
  let reading, label;
  const voice = () => {
    // A browser that translates a page says so on it.
    const tag = page.lang == body.dataset.language ? body.dataset.voice : page.lang;
    return speech.getVoices().find(it => it.localService && new RegExp('^' + tag, 'i').test(it.lang));
  };
  const hush = () => {
    speech.cancel();
    if (reading) reading.textContent = label;
    reading = 0;
  };
  body.onclick = event => {
    const pressed = event.target.closest('.aloud'), was = reading, speaker = voice();
    if (!pressed) return;
    hush();
    if (pressed == was) return;
    if (!speaker) return body.classList.remove('voiced');
    const words = new SpeechSynthesisUtterance(pressed.closest('.ask').innerText.replace(pressed.innerText, ''));
    words.voice = speaker;
    words.lang = speaker.lang;
    words.onend = hush;
    speech.speak(words);
    reading = pressed;
    label = pressed.textContent;
    pressed.textContent = pressed.dataset.stop;
  };
  ['step', 'submit', 'leave'].forEach(it => addEventListener(it, hush));
  body.classList.add('voiced');
  document.querySelector('.ask:not([hidden]) .aloud').click();
})();
