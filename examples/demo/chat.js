// The page of the demonstration: a plain WebSocket, nothing of Sallyport in it.
const log = document.querySelector('#log');
let socket;
let counter = 0;

function line(text, kind = '') {
  const paragraph = document.createElement('p');
  paragraph.className = kind;
  paragraph.textContent = text;
  log.append(paragraph);
  log.scrollTop = log.scrollHeight;
}

document.querySelector('#who').addEventListener('submit', async (event) => {
  event.preventDefault();
  socket?.close(1000);
  const person = new FormData(event.target).get('person');
  const token = await (await fetch(`/token?person=${person}`)).text();
  // A browser cannot set headers on a WebSocket: the token travels as a subprotocol, which the gateway never echoes.
  const mine = new WebSocket(`wss://${location.host}/chat`, ['chat.v1', `bearer.${token}`]);
  socket = mine;
  mine.onopen = () => line(`connected as ${person}`, 'note');
  mine.onclose = ({ code, reason }) => line(`closed ${code} ${reason}`, 'refused');
  mine.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'error') line(`refused: ${message.code} (${message.reason})`, 'refused');
    else line(`${message.from} in ${message.room}: ${message.text}`);
  };
});

document.querySelector('#say').addEventListener('submit', (event) => {
  event.preventDefault();
  if (socket?.readyState !== WebSocket.OPEN) return line('connect first', 'note');
  const { room, text } = Object.fromEntries(new FormData(event.target));
  socket.send(JSON.stringify({ type: 'chat.send', id: `m${++counter}`, room, text }));
  event.target.elements.text.value = '';
});
