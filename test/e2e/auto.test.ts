import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { tempFolder } from '../helpers/temp.ts'
import { ROOT } from './helpers/pipi.ts'
import { usePlatform } from './helpers/platform.ts'

/** Two that can carry the example, and one that cannot. */
const platform = usePlatform({ PIPI_ENGINES: 'aws,dgo,ggc' })

interface Verdict {
  engine: string
  could: boolean
  reason: string
  goes?: { workspace: string; meter: string; amount: number; unit: string }[]
}
interface Shown {
  status: string
  engine: string
  choice: Verdict[]
}
interface Refused {
  error: { code: string; hint: string; data: { engines: Verdict[] } }
}

const EXAMPLE = join(ROOT, 'examples/research-workspace')
let folder: string
beforeAll(async () => {
  folder = await tempFolder('example')
  await cp(EXAMPLE, folder, { recursive: true })
})

/** The example under another name, perhaps with other visitors than it expects. */
async function named(name: string, expecting?: Record<string, number>): Promise<string> {
  const text = (await readFile(join(EXAMPLE, 'workspace.yaml'), 'utf8')).replace(/^name: .*/m, `name: ${name}`)
  const file = join(folder, `${name}.yaml`)
  const [from, to] = Object.entries(expecting ?? {})[0] ?? []
  await writeFile(file, from === undefined ? text : text.replace(new RegExp(`${from}: \\d+`), `${from}: ${to}`))
  return file
}
async function deploy(target: string, engine = 'auto'): Promise<Shown> {
  const ended = await platform.pipi('deploy', target, '--engine', engine, '--json')
  expect(ended.code, ended.stdout + ended.stderr).toBe(0)
  return ended.json<Shown>()
}

it('auto picks a platform for the example as it is, and says why, and why not the others', async () => {
  const { code, stdout } = await platform.pipi('deploy', 'examples/research-workspace', '--engine', 'auto')
  expect(code, stdout).toBe(0)
  expect(stdout).toMatch(/^ +chosen +aws: carries all of it in us-east-1, 100 % free$/m)
  expect(stdout).toMatch(/^ +could +ggc: carries all of it in /m)
  expect(stdout).toMatch(/^ +not +dgo: cannot carry "data": /m)
})

it('each further one goes where most room is left', async () => {
  const { engine, choice } = await deploy(await named('second'))
  expect(engine).toBe('ggc')
  expect(choice.map(({ engine, could }) => [engine, could])).toEqual([
    ['ggc', true],
    ['aws', true],
    ['dgo', false],
  ])
  expect(choice[1]?.reason).toMatch(/carries all of it in us-east-1, \d\d % free/)
})

it('where one is full, another is picked, and who holds what is full is said', async () => {
  await deploy(await named('crowded', { requests: 960_000 }), 'aws')
  const { engine, choice } = await deploy(await named('third'))
  expect(engine).toBe('ggc')
  expect(choice.find((one) => one.engine === 'aws')?.reason).toMatch(/^no room: aws-lambda\..*, held by crowded \(/)
})

it('with all free room taken it is refused with what would have to go on each platform, for people and programs', async () => {
  const target = await named('fourth')
  const ended = await platform.pipi('deploy', target, '--engine', 'auto', '--json')
  expect(ended.code).toBe(3)
  const { error } = ended.json<Refused>()
  expect(error.code).toBe('lock.over-limit')
  const goes = Object.fromEntries(error.data.engines.map(({ engine, goes = [] }) => [engine, goes]))
  expect(new Set(goes.aws?.map((it) => it.workspace))).toEqual(new Set(['crowded']))
  expect(goes.aws).toContainEqual({
    workspace: 'crowded',
    meter: 'aws-lambda.requests',
    unit: 'request',
    amount: expect.any(Number),
  })
  expect(new Set(goes.ggc?.map((it) => it.workspace)).size).toBe(1)
  expect(goes.dgo).toEqual([])

  const { code, stderr } = await platform.pipi('deploy', target, '--engine', 'auto')
  expect(code).toBe(3)
  expect(stderr).toMatch(/^ +aws: no room: aws-lambda\..*, held by crowded \(/m)
  expect(stderr).toMatch(/^ +ggc: no room: gcp-.*, held by (second|third) \(/m)
  expect(stderr).toMatch(/^ +dgo: cannot carry "data": /m)
  expect(stderr).toMatch(
    /what would have to go: on (aws \.\/pipi destroy crowded, or on ggc|ggc \.\/pipi destroy \S+, or on aws) \.\/pipi destroy \w+$/m,
  )
  expect((await platform.pipi('status', 'fourth')).code).toBe(4)
})

it('once what was named is gone, the next is deployed; nothing was charged for any of it', async () => {
  expect((await platform.pipi('destroy', 'crowded', '--yes')).code).toBe(0)
  expect(await deploy(await named('fourth'))).toMatchObject({ status: 'succeeded', engine: 'aws' })
  const { total } = (await platform.pipi('sandbox', 'bill', '--json')).json<{ total: number }>()
  expect(total).toBe(0)
})
