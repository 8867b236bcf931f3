import { createServer } from 'node:net';

// Listens on the port and takes every connection. Argument: the port.
const server = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.resume();
});
server.listen({ port: Number(process.argv[2]), host: '::', backlog: 511 }, () => process.stdout.write('ready\n'));
