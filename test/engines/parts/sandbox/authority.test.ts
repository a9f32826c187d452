import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority } from '../../../../engines/parts/sandbox/authority.ts'

const HOST = 'iam.platform.example'

describe('an authority of the sandbox', () => {
  const authority = makeAuthority('simulated')
  const server = createServer(authority.prove(HOST), (socket) => {
    socket.on('error', () => socket.destroy())
    socket.end('hello')
  })
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))

  /** What a program reads there that trusts `ca` and no other, or why it does not. */
  async function read(ca: string, servername: string): Promise<string> {
    const { port } = server.address() as AddressInfo
    const socket = connect({ port, host: '127.0.0.1', servername, ca })
    try {
      let text = ''
      for await (const chunk of socket) text += chunk
      return text
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code)
    } finally {
      socket.destroy()
    }
  }

  it('vouches for the host that it named, towards who trusts it', async () => {
    expect(await read(authority.certificate, HOST)).toBe('hello')
    expect(await read(authority.certificate, 'other.platform.example')).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
    expect(await read(makeAuthority('simulated').certificate, HOST)).not.toBe('hello')
  })

  it('lets no host vouch for another', () => {
    const [own, host] = [authority.certificate, authority.prove(HOST).cert].map((pem) => new X509Certificate(pem))
    expect([own?.ca, host?.ca, host?.checkIssued(own as X509Certificate)]).toEqual([true, false, true])
    expect([host?.checkHost(HOST), host?.checkHost('platform.example')]).toEqual([HOST, undefined])
  })
})
