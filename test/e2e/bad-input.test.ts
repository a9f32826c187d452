import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../helpers/temp.ts'
import { usePlatform } from './helpers/platform.ts'

const platform = usePlatform({ PIPI_ENGINES: 'aws,pip' })

interface Failure {
  error: {
    code: string
    message: string
    problems?: { message: string; file: string; line: number; column: number; allowed?: string }[]
  }
}

const GOOD = `apiVersion: pipi/v1
name: good
components:
  - name: site
    kind: site
`

async function deploy(
  text: string,
  ...args: string[]
): Promise<{ code: number | null; failure: Failure; file: string }> {
  const folder = await tempFolder('bad')
  const file = join(folder, 'workspace.yaml')
  await writeFile(file, text)
  await writeFile(join(folder, 'index.html'), '<h1>x</h1>')
  const ended = await platform.pipi('deploy', folder, '--json', ...args)
  return { code: ended.code, failure: ended.json<Failure>(), file }
}

describe.concurrent('a bad manifest', () => {
  it.each([
    ['no YAML', 'name: [', 1],
    ['an unknown key', `${GOOD}colour: blue\n`, 6],
    ['a wrong type', GOOD.replace('name: good', 'name: 7'), 2],
    ['a name too long', GOOD.replace('good', 'g'.repeat(41)), 2],
    ['a name that is a path', GOOD.replace('good', '../up'), 2],
    ['a name that is an option', GOOD.replace('good', '-h'), 2],
    ['a name of a prototype', GOOD.replace('good', '__proto__'), 2],
    ['a ref that is an option', `${GOOD}source: { git: 'https://host.example/x', ref: '--upload-pack=x' }\n`, 6],
    ['a source that is not there', `${GOOD}source:\n  folder: nowhere\n`, 7],
    ['an unknown kind', GOOD.replace('kind: site', 'kind: balloon'), 5],
    ['an unknown engine', `${GOOD}placement:\n  engine: xyz\n`, 7],
    ['an alias', `${GOOD}title: &a x\nmodules: [*a]\n`, 6],
    ['a key that reaches prototypes', `${GOOD}constructor: x\n`, 6],
    ['a budget below zero', `${GOOD}budget: { usdPerMonth: -5 }\n`, 6],
    ['two components of one name', `${GOOD}  - name: site\n    kind: site\n`, 6],
  ])('with %s is exit 2 and says where', async (_, text, line) => {
    const { code, failure, file } = await deploy(text)
    expect(failure.error.code).toMatch(/^(manifest|input)\.invalid$/)
    expect(code).toBe(2)
    const problem = failure.error.problems?.[0]
    expect(problem).toMatchObject({ file, line })
    expect(problem?.column).toBeGreaterThan(0)
    expect(problem?.allowed ?? '').not.toBe('')
  })

  it('has all its problems in one answer', async () => {
    const { failure } = await deploy(
      'apiVersion: pipi/v2\nname: X\nextra: 1\ncomponents:\n  - name: a\n    kind: nope\n',
    )
    const lines = failure.error.problems?.map((problem) => problem.line)
    expect(lines).toEqual(expect.arrayContaining([1, 2, 3, 6]))
  })

  it('shows people the place, what is wrong and what is allowed', async () => {
    const folder = await tempFolder()
    await writeFile(join(folder, 'workspace.yaml'), GOOD.replace('kind: site', 'kind: nope'))
    const { stderr } = await platform.pipi('deploy', folder)
    expect(stderr).toMatch(/workspace\.yaml:5:\d+ .*allowed: site, service/)
  })

  it('that is too large is not read', async () => {
    const { code, failure } = await deploy(`${GOOD}title: "${'x'.repeat(40_000)}"\n`)
    expect(code).toBe(2)
    expect(failure.error.code).toBe('manifest.invalid')
  })
})

describe.concurrent('a bad request', () => {
  it.each([
    ['an unknown engine', ['--engine', 'xyz']],
    ['an engine that is no code', ['--engine', '../aws']],
    ['a ref that is an option', ['--git', 'https://host.example/x', '--ref=--upload-pack=touch']],
    ['a ref that goes up', ['--git', 'https://host.example/x', '--ref', 'a..b']],
    ['a git address that is an option', ['--git=--upload-pack=touch /tmp/x']],
    ['a git address that runs something', ['--git', 'ext::sh -c id']],
    ['a git address with a password', ['--git', 'https://user:secret@host.example/x']],
    ['a repository that is not there', ['--git', 'file:///no/such/repository']],
    ['a region that is not free', ['--engine', 'aws', '--region', 'mars-1']],
    ['a path that goes up', ['--git', 'https://host.example/x', '--path', '../..']],
  ])('with %s is exit 2', async (_, args) => {
    const { code, failure } = await deploy(GOOD, ...args)
    expect(failure.error.message).toBeTypeOf('string')
    expect(code).toBe(2)
    expect(JSON.stringify(failure)).not.toContain('secret@')
  })

  it('names the folder that holds no manifest', async () => {
    const ended = await platform.pipi('deploy', await tempFolder(), '--json')
    expect(ended.code).toBe(2)
    expect(ended.json<Failure>().error.message).toContain('workspace.yaml')
  })

  it('for what is not there is exit 4', async () => {
    expect((await platform.pipi('status', 'no-such-workspace')).code).toBe(4)
    expect((await platform.pipi('logs', 'd00000')).code).toBe(4)
    expect((await platform.pipi('destroy', 'no-such-workspace', '--yes')).code).toBe(4)
    expect((await platform.pipi('deploy', 'no-such-workspace')).code).toBe(4)
    expect((await platform.pipi('cancel', 'no-such')).code).toBe(4)
  })

  it('with a wrong token is exit 6', async () => {
    expect((await platform.pipi('list', '--token', 'pipi_wrong')).code).toBe(6)
  })
})

describe('after all that', () => {
  it('nothing was written', async () => {
    const { items } = (await platform.pipi('list', '--json')).json<{ items: unknown[] }>()
    expect(items).toEqual([])
    const deployments = (await platform.pipi('list', '--deployments', '--json')).json<{ items: unknown[] }>()
    expect(deployments.items).toEqual([])
  })
})
