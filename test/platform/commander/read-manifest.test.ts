import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PipiError } from '../../../catalog/errors.ts'
import { readManifest } from '../../../platform/commander/read-manifest.ts'

const GOOD = `apiVersion: pipi/v1
name: good
components:
  - name: site
    kind: site
`

function problemsOf(text: string) {
  try {
    readManifest(text, 'workspace.yaml')
  } catch (error) {
    if (error instanceof PipiError && error.code === 'manifest.invalid') return error.problems
    throw error
  }
  return []
}

describe('reading a manifest', () => {
  it('gives what it says, with the defaults filled in', () => {
    expect(readManifest(GOOD).manifest).toMatchObject({
      name: 'good',
      placement: { engine: 'auto' },
      components: [{ kind: 'site', path: '.' }],
    })
  })

  it('names every problem in one answer, each with its place and what is allowed', () => {
    const text = `apiVersion: pipi/v1
name: -x
colour: blue
components:
  - name: web
    kind: nope
  - name: two
    kind: site
    memoryMb: 3
source:
  git: https://host.example/x
  ref: --upload-pack=x
`
    expect(
      problemsOf(text).map(({ line, path, message }) => [
        line,
        path,
        message.includes('got') || message.includes('unknown'),
      ]),
    ).toEqual(
      expect.arrayContaining([
        [2, 'name', true],
        [3, 'colour', true],
        [6, 'components[0].kind', true],
        [9, 'components[1].memoryMb', true],
        [12, 'source.ref', true],
      ]),
    )
    for (const problem of problemsOf(text))
      expect(problem).toMatchObject({ file: 'workspace.yaml', column: expect.any(Number), allowed: expect.any(String) })
  })

  it('points at the nearest parent of what is missing', () => {
    expect(problemsOf('apiVersion: pipi/v1\ncomponents:\n  - name: web\n    kind: site\n')).toMatchObject([
      { line: 1, path: 'name' },
    ])
  })

  it.each([
    ['nothing', ''],
    ['only a comment', '# nothing here\n'],
    ['no YAML', 'name: ['],
    ['a list', '- 1'],
    ['a text', 'hello'],
    ['two documents', `${GOOD}---\n${GOOD}`],
    ['a key twice', `${GOOD}name: other\n`],
    ['an alias', `${GOOD}title: &a x\nmodules: [*a]\n`],
    ['a merge key with an alias', `x: &a {a: b}\n<<: *a\n${GOOD}`],
    ['a key that reaches prototypes', `${GOOD}__proto__: {polluted: true}\n`],
    ['such a key deep inside', `${GOOD.trimEnd()}\n    env: {constructor: x}\n`],
    ['a key that is a list', `${GOOD}? [a, b]\n: 1\n`],
    ['a tag of a language', `${GOOD}title: !!js/function 'function(){}'\n`],
    ['a number as key', `${GOOD}1: x\n`],
    ['nesting without end', `${GOOD}title: ${'['.repeat(40)}${']'.repeat(40)}\n`],
    ['brackets without end', '['.repeat(20_000)],
    ['too many bytes', `${GOOD}title: "${'x'.repeat(33_000)}"\n`],
  ])('refuses %s, with a place', (_, text) => {
    const problems = problemsOf(text)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems[0]?.message).toBeTruthy()
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('says where in the file what it did not even parse stands', () => {
    expect(problemsOf(`${GOOD}title: x\nmodules: [*a]\n`)).toMatchObject([{ line: 7, column: 11 }])
  })

  it('refuses two components of one name', () => {
    expect(problemsOf(`${GOOD}  - name: site\n    kind: site\n`)).toMatchObject([
      { line: 6, path: 'components[1].name' },
    ])
  })

  it('knows the place of anything in it, for problems found later', () => {
    const { problemAt } = readManifest(`${GOOD}placement:\n  engine: xyz\n`)
    expect(problemAt(['placement', 'engine'], 'no such engine')).toMatchObject({ line: 7, column: 3 })
    expect(problemAt(['source'], 'missing')).toMatchObject({ line: 1 })
  })

  it('answers any text with a manifest or with problems, and nothing else', () => {
    const piece = fc.constantFrom(
      'name',
      'components',
      ': ',
      '\n',
      '  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '"',
      "'",
      '|',
      '>',
      '!!map ',
      '? ',
      '#',
      'site',
      '\t',
      '\u0000',
      '%YAML 1.2\n',
      '---\n',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'grapheme', maxLength: 200 }),
          fc.array(piece, { maxLength: 60 }).map((some) => some.join('')),
        ),
        (text) => {
          for (const problem of problemsOf(text)) expect(problem.message).toBeTruthy()
        },
      ),
      { numRuns: 500 },
    )
  })
})
