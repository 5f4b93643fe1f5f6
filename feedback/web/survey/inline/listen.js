// Offers to read a question aloud where the phone itself has a voice for it; what reads is fetched when it is wanted.
(() => {
  const speech = self.speechSynthesis, body = document.body;
  // A sandboxed frame may not fetch a script.
  if (!speech || origin == 'null') return;
  (speech.onvoiceschanged = () => {
    const isOurs = it => it.localService && new RegExp('^' + body.dataset.voice, 'i').test(it.lang);
    body.classList.toggle('voiced', speech.getVoices().some(isOurs));
  })();
  body.onclick = async event => {
    if (!event.target.closest('.aloud')) return;
    // It offers itself again when it is there. What a network answers in its place is not allowed to run.
    body.onclick = speech.onvoiceschanged = null;
    body.classList.remove('voiced');
    const reader = document.createElement('script');
    reader.textContent = await (await fetch('/aloud.js')).text();
    body.append(reader);
  };
})();
