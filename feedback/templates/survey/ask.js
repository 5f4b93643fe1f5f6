// One question at a time, a Send that survives a bad network, and reading aloud. Without this the page asks the same.
(() => {
const form = document.querySelector('form'), told = form.dataset, steps = [...document.querySelectorAll('.ask')];
const [nav, aloud, status] = ['.steps', '.aloud', '.status'].map(it => form.querySelector(it));
const [back, next, send] = nav.children;
if (!window.fetch || !window.AbortController) return;
// A page that came back opens at the marked place; one without a mark only has to be sent again.
let at = steps.findIndex(it => it.querySelector('.wrong'));
if (at < 0) at = document.querySelector('.wrong') ? steps.length - 1 : 0;

const applies = step => !step.dataset.if || form.querySelector(step.dataset.if);
const show = way => {
stop();
do at += way; while (!applies(steps[at]));
steps.forEach((step, number) => { step.hidden = number != at; });
const end = at == steps.length - 1, consent = form.querySelector('.consent');
back.hidden = !at;
next.hidden = end;
send.hidden = !end;
if (consent) consent.hidden = ![...form.querySelectorAll('textarea')].some(it => it.value.trim());
hush();
if (!way) return;
const head = steps[at].querySelector('legend, h2, p') || steps[at];
head.tabIndex = -1;
head.focus();
scrollTo(0, 0);
};
back.onclick = () => show(-1);
next.onclick = () => show(1);

// Each version of a page is stored once, however often it is sent; a later one takes the place of an earlier.
let timer, wait = 1000, sending, edited;
const post = async () => {
stop();
const own = sending = new AbortController(), limit = setTimeout(() => own.abort(), 30000);
const body = new URLSearchParams(new FormData(form));
body.set('_script', 1);
status.textContent = told.sending;
let page, code;
try {
const answer = await fetch(form.action, {method: 'POST', body, redirect: 'manual', credentials: 'omit', signal: own.signal});
page = await answer.text();
// What a network answers in our place does not know the number of this page.
if (answer.headers.get('Feedback-Page') == form._once.value) code = answer.status;
} catch (cut) {}
clearTimeout(limit);
if (own != sending) return;
if (code == 201) return location.replace(page);
if (code < 500 && code != 429) return form.submit();
sending = 0;
status.textContent = told.waiting;
timer = setTimeout(post, wait = Math.min(wait * 2, 16000));
};
// Nothing goes out any more once somebody goes on filling in, or leaves.
const stop = () => {
clearTimeout(timer);
if (sending) sending.abort();
sending = timer = 0;
status.textContent = '';
};
form.oninput = () => { edited = 1; stop(); };
form.onsubmit = event => {
if (send.hidden) {
event.preventDefault();
return show(1);
}
// A sandboxed frame may send a form and fetch nothing.
if (self.origin == 'null') return;
event.preventDefault();
if (edited) form._version.value++;
edited = 0;
post();
};
addEventListener('online', () => timer && post());
addEventListener('pageshow', event => event.persisted && stop());
addEventListener('leave', stop);

const speech = window.speechSynthesis, label = aloud.textContent;
const voice = () => speech && speech.getVoices().find(it => it.localService &&
it.lang.replace('_', '-').toLowerCase().startsWith(told.voice));
const hush = () => { speech && speech.cancel(); aloud.textContent = label; };
const ready = () => { aloud.hidden = !voice(); };
aloud.onclick = () => {
if (aloud.textContent != label) return hush();
const words = new SpeechSynthesisUtterance(steps[at].innerText);
words.voice = voice();
words.lang = words.voice.lang;
words.onend = hush;
speech.speak(words);
aloud.textContent = told.stop;
};
if (speech) { speech.onvoiceschanged = ready; ready(); }

// On a shared tablet nobody finds what another person left.
if (told.kiosk) {
let rest;
const restart = () => { clearTimeout(rest); rest = setTimeout(() => document.querySelector('.leave').click(), 60000); };
['pointerdown', 'keydown', 'input', 'scroll'].forEach(it => addEventListener(it, restart));
}
show(0);
})();
