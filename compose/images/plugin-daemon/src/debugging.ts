import { createServer, type Server, type Socket } from 'node:net';
import { log } from '../../shared/src/log.ts';

const handshakeWithinMs = 10_000;
const handshakeBytes = 4096;

/**
 * The port for remote debugging of plugins. The peer has to begin with a line of JSON that holds its key; one without a
 * known key is told so and put out.
 */
export function openDebuggingPort(
  port: number,
  host: string,
  knows: (key: string) => Promise<boolean>,
): Promise<Server> {
  const server = createServer((socket) => {
    socket.setTimeout(handshakeWithinMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    let received = '';
    const listen = (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (received.length > handshakeBytes) socket.destroy();
      if (!received.includes('\n')) return;
      socket.off('data', listen);
      greet(socket, received.slice(0, received.indexOf('\n')), knows).catch(() => socket.destroy());
    };
    socket.on('data', listen);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      log(`start plugin remote debugging server on ${host}:${port}`);
      resolve(server);
    });
  });
}

async function greet(socket: Socket, line: string, knows: (key: string) => Promise<boolean>): Promise<void> {
  const key = keyOf(line);
  if (key === undefined) socket.end('handshake failed, invalid handshake message\n');
  else if (await knows(key)) socket.setTimeout(0);
  else socket.end('handshake failed, invalid key\n');
}

function keyOf(line: string): string | undefined {
  try {
    const message: unknown = JSON.parse(line);
    if (typeof message !== 'object' || message === null || !('key' in message)) return undefined;
    return typeof message.key === 'string' ? message.key : undefined;
  } catch {
    return undefined;
  }
}
