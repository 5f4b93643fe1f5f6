// One question at a time, and a Send that survives a bad network. Without this the page asks the same.
(function begin(came) {
  const main = document.querySelector('main'), one = it => main.querySelector(it);
  const form = one('.survey'), help = document.querySelector('.help details'),
    focus = it => { it.tabIndex = -1; it.focus(); scrollTo(0, 0); };
  if (!self.AbortController) return;
  if (!form) return focus(one('h1'));
  const text = form.dataset, status = one('.status'), [back, next] = one('.steps').children;
  const steps = [...form.querySelectorAll('.ask')];
  let at = +form._step.value, timer, wait = 1000, sending, edited, pressed;

  // Nothing goes out any more once somebody goes on filling in, or leaves.
  const stop = () => {
    clearTimeout(timer);
    if (sending) sending.abort();
    sending = timer = 0;
    status.textContent = '';
  };

  const show = way => {
    stop();
    // The style hides a question that does not apply.
    do {
      at += way;
      steps.forEach((it, number) => { it.hidden = number != at; });
    } while (way && !steps[at].offsetHeight);
    const step = steps[at];
    main.dataset.step = step.className;
    if (help) help.open = !step.matches('.brief');
    form._step.value = at;
    dispatchEvent(new Event('step'));
    if (!way) return;
    document.title = step.dataset.title;
    focus(step.querySelector('h2') || step);
  };
  // The second tap of two is no wish to pass over a question.
  back.onclick = event => event.detail < 2 && show(-1);
  next.onclick = event => event.detail < 2 && show(1);

  const isFull = box => {
    const left = text.most - box.value.length;
    box.previousElementSibling.textContent = left < 0 ? text.over + -left : left < 100 ? text.left + left : '';
    return left < 0;
  };
  form.oninput = event => {
    edited = 1;
    stop();
    if (event.target.rows) isFull(event.target);
  };
  form.onclick = event => { pressed = event.target.closest('button'); };
  form.onsubmit = event => {
    const full = [...form.querySelectorAll('textarea')].find(isFull), name = pressed && pressed.name;
    stop();
    // A language is chosen by the form itself.
    if (name == '_to') return;
    event.preventDefault();
    if (at < steps.length - 1) return show(1);
    // The Enter key.
    if (name) return;
    if (full) {
      const step = full.closest('.ask');
      // It may not apply any more, and has to be seen all the same.
      step.classList.add('marked');
      at = steps.indexOf(step);
      show(0);
      return full.focus();
    }
    if (edited) form._version.value++;
    edited = 0;
    post();
  };

  // Each version of a page is stored once, however often it is sent; a later one takes the place of an earlier.
  const post = async () => {
    stop();
    const own = sending = new AbortController(), body = new URLSearchParams(new FormData(form));
    body.set('_script', 1);
    setTimeout(() => own.abort(), 3e4);
    status.textContent = text.sending;
    let page;
    try {
      const answer = await fetch(form.action, {method: 'POST', body, redirect: 'manual', signal: own.signal});
      // What a network answers in our place does not know the number of this page.
      if (answer.headers.get('Feedback-Page') == form._once.value && answer.status != 429 && answer.status < 500)
        page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    } catch (cut) {}
    if (own != sending) return;
    sending = 0;
    if (page) {
      // In the place of the questions: nobody beside this page sees that it changed.
      document.title = page.title;
      main.replaceWith(page.querySelector('main'));
      return begin(1);
    }
    status.textContent = text.waiting;
    timer = setTimeout(post, wait = Math.min(wait * 2, 16e3));
  };
  ononline = () => timer && post();
  onpagehide = stop;
  addEventListener('leave', stop);
  show(0);
  if (came) focus(one('.wrong') || steps[at]);
})();
