// A page that the browser kept and shows again: whatever is sent from it now was meant last.
addEventListener('pageshow', event => {
  const form = document.querySelector('.survey');
  if (!event.persisted || !form) return;
  form.inert = false;
  form._version.value = +form._version.value + 100;
});
// While another language is on its way, what is typed here would be lost.
addEventListener('submit', event => { event.target.inert = !event.defaultPrevented; });
