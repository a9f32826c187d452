import { expect, it, onTestFinished } from 'vitest'
import { serveProvider } from '../../../stacks/provider/serve.ts'
import { openPlatformReader } from '../../../stacks/recovery/platform-reader.ts'
import { memoryCloud } from '../provider/memory-cloud.ts'

const TYPE = 'cloudy:index/thing:Thing'

async function reader(patienceMs: number, hang: boolean) {
  const cloud = memoryCloud('cloudy')
  cloud.stored.set('thing-1', { inputs: { name: 'a' }, outputs: { name: 'a' } })
  const served = await serveProvider({
    ...cloud,
    configure: async (variables) => {
      const configured = await cloud.configure(variables)
      return hang ? { ...configured, read: () => new Promise(() => undefined) } : configured
    },
  })
  const opened = openPlatformReader({
    upstreams: { cloudy: served.address },
    configuration: { account: 'acct' },
    stack: { project: 'proj', stack: 'wone' },
    patienceMs,
  })
  onTestFinished(() => {
    opened.close()
    return served.close()
  })
  return opened
}

it('says what a platform has, and what it has not', async () => {
  const platform = await reader(10_000, false)
  expect(await platform.read(TYPE, 'thing-1')).toEqual({ id: 'thing-1', properties: { name: 'a' } })
  expect(await platform.read(TYPE, 'thing-2')).toBeUndefined()
})

it('waits for no answer for ever', async () => {
  const platform = await reader(200, true)
  await expect(platform.read(TYPE, 'thing-1')).rejects.toThrow(/DEADLINE_EXCEEDED/)
})
