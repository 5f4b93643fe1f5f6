// Leaving: cover the page in the same moment, then go where nothing comes back. An emptied page has no answers to
// show when somebody presses Back, whatever the browser keeps of it.
(() => {
  const leave = document.querySelector('.leave'), note = document.querySelector('.cover');
  let gone, escapes = 0, last = 0;
  const go = event => {
    event && event.preventDefault();
    gone = 1;
    dispatchEvent(new Event('leave'));
    // A Send that is on its way may not bring its answer.
    window.stop();
    document.title = '\u00a0';
    document.body.textContent = "";
    document.body.append(note);
    note.textContent = leave.dataset.cover;
    // A frame that may not move the page around it stays empty.
    try { (leave.target == '_top' ? top : window).location.replace(leave.href); } catch (refused) {}
  };
  if (!leave) return;
  leave.onclick = go;
  addEventListener('keydown', event => {
    escapes = event.key != 'Escape' ? 0 : event.timeStamp - last < 2000 ? escapes + 1 : 1;
    last = event.timeStamp;
    if (escapes == 3) go();
  });
  onpageshow = () => gone && go();
})();
