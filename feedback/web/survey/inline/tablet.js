// On a shared tablet nobody finds what another person left: it asks first, and then begins again.
(() => {
  const note = document.querySelector('.rest');
  let rest, before;
  const ask = () => {
    before = document.activeElement;
    note.hidden = 0;
    note.focus();
    rest = setTimeout(() => document.querySelector('.leave').click(), 2e4);
  };
  const go = () => {
    clearTimeout(rest);
    if (!note.hidden) before.focus();
    note.hidden = 1;
    rest = setTimeout(ask, 4e4);
  };
  onpointerdown = onkeydown = oninput = go;
  go();
})();
