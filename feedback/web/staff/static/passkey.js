// Passkeys: the browser makes sure of the person and signs, and what it signed is sent as a form like any other.
(() => {
  const from = {create: 'parseCreationOptionsFromJSON', get: 'parseRequestOptionsFromJSON'};
  const able = window.PublicKeyCredential;
  document.querySelectorAll('form[data-passkey]').forEach(form => {
    const way = form.dataset.passkey, status = form.querySelector('[role=status]');
    if (!able || !able[from[way]]) return;
    form.hidden = false;
    form.addEventListener('submit', async event => {
      event.preventDefault();
      status.textContent = '';
      try {
        const publicKey = able[from[way]](JSON.parse(form.dataset.asked));
        const credential = await navigator.credentials[way]({publicKey});
        form.elements.answer.value = JSON.stringify(credential.toJSON());
        form.submit();
      } catch (refused) {
        status.textContent = 'No passkey was used. Nothing was changed.';
      }
    });
  });
})();
