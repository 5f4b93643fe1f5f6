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

// The number in the page makes a second Send find the first, so trying again can count nobody twice.
let timer, wait = 1000, busy = false;
const post = async () => {
if (busy) return;
busy = true;
clearTimeout(timer);
status.textContent = told.sending;
const patience = new AbortController(), limit = setTimeout(() => patience.abort(), 30000);
try {
const answer = await fetch(form.action, {method: 'POST', body: new URLSearchParams(new FormData(form)),
redirect: 'manual', credentials: 'omit', signal: patience.signal});
if (answer.type == 'opaqueredirect') return location.replace(told.thanks);
if (answer.status < 500 && answer.status != 429) return form.submit();
} catch (cut) {
} finally { clearTimeout(limit); }
busy = false;
status.textContent = told.waiting;
timer = setTimeout(post, wait = Math.min(wait * 2, 16000));
};
form.onsubmit = event => {
if (send.hidden) {
event.preventDefault();
return show(1);
}
// A sandboxed frame may send a form and fetch nothing.
if (self.origin == 'null') return;
event.preventDefault();
post();
};
addEventListener('online', () => timer && post());
addEventListener('pageshow', event => event.persisted && (busy = false));

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
