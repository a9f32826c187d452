import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { componentSchema } from '../../../engines/contract/component.ts'
import type { Carriage } from '../../../factory/stem-cell/carriage.ts'
import { verify } from '../../../factory/stem-cell/steps/verify.ts'
import { waitFor } from '../../helpers/wait-for.ts'

/** Something that answers with the old release until it was asked so often, and then with the new one. */
async function switching(after: number) {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(String(request.url))
    response.setHeader('pipi-release', seen.length > after ? 'new' : 'old').end()
  }).listen(0, '127.0.0.1')
  await waitFor('a port', () => server.listening)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function carriage(outputs: Record<string, unknown>, healthyWithinMs: number): Carriage {
  const components = [
    { name: 'api', kind: 'service', health: '/health' },
    { name: 'files', kind: 'store' },
  ].map((one) => componentSchema.parse(one))
  return {
    outputs,
    order: { kind: 'deploy', manifest: { components } },
    birth: { engine: { dna: { healthyWithinMs } } },
    signal: new AbortController().signal,
    story: { tell: () => undefined },
  } as unknown as Carriage
}

describe('a release that is fetched by what runs it', () => {
  it('is verified once it answers by itself, below the path of its address; a store is not asked', async () => {
    const { seen, url } = await switching(2)
    const outputs = { api: { url: `${url}/api`, release: 'new' }, files: { url: `${url}/secret` } }
    await verify.run(carriage(outputs, 10_000))
    expect(seen).toEqual(['/api/health', '/api/health', '/api/health'])
  })

  it('is not taken for healthy as long as the one before it answers', async () => {
    const { url } = await switching(Number.POSITIVE_INFINITY)
    const outputs = { api: { url: `${url}/`, release: 'new' } }
    await expect(verify.run(carriage(outputs, 200))).rejects.toThrow(/the release before it still answers/)
  })
})
