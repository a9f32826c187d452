import { describe, expect, it } from 'vitest'
import { readVariables } from '../../platform/variable-lines.ts'

const PEM = '-----BEGIN PRIVATE KEY-----\nab+/==\n-----END PRIVATE KEY-----'

describe('lines of NAME=value', () => {
  it('are read with quotes or without, over several lines where quotes hold them', () => {
    const text = `# of the lab
A=plain=with equals
  export B = spaced\t
JSON='{"type":"service_account","private_key":"-----BEGIN\\n#","x":"#"}' # the key
PEM="${PEM}"
ONE_LINE="${PEM.replaceAll('\n', '\\n')}"

EMPTY=
LAST=\`it's "so"\``
    const read = {
      ...{ A: 'plain=with equals', B: 'spaced', PEM, ONE_LINE: PEM, EMPTY: '', LAST: 'it\'s "so"' },
      JSON: '{"type":"service_account","private_key":"-----BEGIN\\n#","x":"#"}',
    }
    expect(readVariables(text)).toEqual(read)
    expect(readVariables(text.replaceAll('\n', '\r\n'))).toEqual(read)
  })

  it.each([
    ['a "#" in a value without quotes', 'A=1\nKEY=canary#canary', 'line 2 (KEY)'],
    ['a comment behind a value without quotes', 'KEY=canary # mine', 'line 1 (KEY)'],
    ['several lines without quotes', `KEY=${PEM}`, 'line 2 '],
    ['a quote that nothing closes', `KEY="canary\nB=2`, 'line 1 (KEY)'],
    ['more behind the closing quote', `KEY="canary"canary`, 'line 1 (KEY)'],
    ['no name', 'canary', 'line 1 '],
  ])('are refused and never cut where they have %s', (_, text, where) => {
    let error: unknown
    try {
      readVariables(text)
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'input.invalid', message: expect.stringContaining(where) })
    expect(String(error)).not.toMatch(/canary|PRIVATE/)
  })
})
