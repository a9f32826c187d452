import { describe, expect, it } from 'vitest'
import { keepSecrets, maskSecrets } from '../../../stacks/provider/secrets.ts'
import { Secret } from '../../../stacks/wire/values.ts'

describe('outputs that repeat a secret input', () => {
  it('are secret under the same name, deep inside too', () => {
    const inputs = { env: { KEY: new Secret('123456'), OPEN: 'open' }, pin: new Secret(1234) }
    const outputs = { env: { KEY: '123456', OPEN: 'open' }, pin: 1234, other: 1 }
    expect(keepSecrets(outputs, inputs)).toEqual({
      env: { KEY: new Secret('123456'), OPEN: 'open' },
      pin: new Secret(1234),
      other: 1,
    })
  })

  it('are secret under another name, when their text holds the secret', () => {
    const marked = keepSecrets(
      { url: 'postgres://me:hunter2-x@host', list: ['hunter2-x', 'a'] },
      { password: new Secret('hunter2-x') },
    )
    expect(marked).toEqual({ url: new Secret('postgres://me:hunter2-x@host'), list: [new Secret('hunter2-x'), 'a'] })
  })

  it('are not secret by chance: a short text proves nothing', () => {
    expect(keepSecrets({ port: '8080', name: 'a' }, { flag: new Secret('a') })).toEqual({ port: '8080', name: 'a' })
  })

  it('make a whole list secret when one of its items was, since order may change', () => {
    const marked = keepSecrets({ items: ['b', 'a'] }, { items: ['a', new Secret('b')] })
    expect(marked).toEqual({ items: new Secret(['b', 'a']) })
  })

  it('are masked where a message quotes them', () => {
    const message = maskSecrets('invalid value "hunter2-x" for hunter2-x', {
      deep: [{ password: new Secret('hunter2-x') }],
    })
    expect(message).toBe('invalid value "[secret]" for [secret]')
  })
})
