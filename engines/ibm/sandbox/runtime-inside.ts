import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { createSecureContext, rootCertificates } from 'node:tls'
import { makeAuthority } from '../../parts/sandbox/authority.ts'
import { simulated } from './simulated.ts'

/**
 * What leads a container to IBM's addresses: a proxy, where they are the simulated ones, and an authority that vouches for
 * them. Programs look for both in their environment, in whatever they are written. All else is reached as it is.
 * @param folder for what is trusted; the program has to see it at the same path
 */
export async function openInside({ api, folder }: { api: string; folder: string }): Promise<void> {
  const authority = makeAuthority('simulated IBM Cloud')
  const ours = createSecureServer(
    {
      // Each address with a certificate of its own.
      SNICallback: (host, done) => done(null, createSecureContext(authority.prove(host))),
    },
    (asked, answer) => pass(api, asked, answer),
  )
  const proxy = createServer((_asked, answer) => answer.writeHead(405).end())
  proxy.on('connect', ({ url = '' }: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const { hostname, port } = new URL(`tcp://${url}`)
    if (head.length > 0) socket.unshift(head)
    if (simulated(api, hostname, '/') !== undefined) {
      socket.write(ESTABLISHED)
      ours.emit('connection', socket)
    } else tunnel(socket, hostname.replace(/^\[|\]$/g, ''), Number(port))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))

  await mkdir(folder, { recursive: true, mode: 0o755 })
  const [known, all] = [join(folder, 'simulated.pem'), join(folder, 'all.pem')]
  await writeFile(known, authority.certificate)
  await writeFile(all, [...rootCertificates, authority.certificate].join('\n'))
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  // Node takes what it is told beside what it has, all others instead of it.
  Object.assign(process.env, { NODE_USE_ENV_PROXY: '1', NODE_EXTRA_CA_CERTS: known })
  for (const name of ['HTTPS_PROXY', 'https_proxy']) process.env[name] = address
  for (const name of ['NO_PROXY', 'no_proxy']) process.env[name] = 'localhost,127.0.0.1,::1'
  for (const name of ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE']) process.env[name] = all
}

const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\n\r\n'

function pass(api: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { host = '', connection: _connection, ...headers } = asked.headers
  const there = simulated(api, host.replace(/:\d+$/, ''), asked.url ?? '/')
  if (there === undefined) {
    answer.writeHead(421).end()
    return
  }
  const passed = request(there, { method: asked.method, headers }, (answered) => {
    const { connection: _closed, 'keep-alive': _kept, 'transfer-encoding': _chunked, ...rest } = answered.headers
    answer.writeHead(answered.statusCode ?? 502, rest)
    answered.pipe(answer)
  })
  passed.on('error', () => answer.destroy())
  answer.on('close', () => passed.destroy())
  asked.pipe(passed)
}

function tunnel(socket: Duplex, host: string, port: number): void {
  const target = connect(port, host, () => {
    socket.write(ESTABLISHED)
    socket.pipe(target).pipe(socket)
  })
  target.on('error', () => socket.destroy())
  target.on('close', () => socket.destroy())
  socket.on('close', () => target.destroy())
}
