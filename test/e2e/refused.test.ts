import { expect, it } from 'vitest'
import { usePlatform } from './helpers/platform.ts'

const platform = usePlatform({ PIPI_ENGINES: 'dgo,ggc' })

interface Refused {
  status: string
  refusal: { code: string; resource: string; message: string; hint: string }
}

it('a service on a platform without free compute is refused: component, reason, and who could', async () => {
  const ended = await platform.pipi('deploy', 'examples/research-workspace', '--engine', 'dgo', '--json')
  expect(ended.code).toBe(3)
  const { status, refusal } = ended.json<Refused>()
  expect(status).toBe('refused')
  expect(refusal).toMatchObject({ code: 'lock.no-carrier', resource: 'data' })
  expect(refusal.hint).toMatch(/aws|ggc|pip/)
})

it('people see the same on one screen', async () => {
  const { stdout, code } = await platform.pipi('deploy', 'examples/research-workspace', '--engine', 'dgo')
  expect(code).toBe(3)
  expect(stdout).toContain('refused')
  expect(stdout).toContain('"data"')
  expect(stdout).toMatch(/hint .*(aws|ggc|pip)/)
})

it('nothing of it exists anywhere', async () => {
  const { resources } = (await platform.pipi('sandbox', 'inventory', '--json')).json<{ resources: unknown[] }>()
  expect(resources).toEqual([])
  const { total } = (await platform.pipi('sandbox', 'bill', '--json')).json<{ total: number }>()
  expect(total).toBe(0)
})
