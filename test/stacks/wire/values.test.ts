import { describe, expect, it } from 'vitest'
import {
  Asset,
  decode,
  encode,
  fromStruct,
  hasUnknown,
  plain,
  Secret,
  toStruct,
  UNKNOWN,
} from '../../../stacks/wire/values.ts'

describe("Pulumi's values", () => {
  it('pass there and back with secrets, unknowns and assets whole', () => {
    const values = {
      text: 'x',
      none: null,
      list: [1, UNKNOWN, { deep: new Secret({ key: 'value' }) }],
      code: new Asset('archive', { path: '/tmp/a.zip', hash: 'abc' }),
      parts: new Asset('archive', { assets: { 'index.html': new Asset('asset', { text: 'hi' }) } }),
    }
    expect(fromStruct(toStruct(values))).toEqual(values)
  })

  it('leave undefined out instead of failing on it', () => {
    expect(fromStruct(toStruct({ a: undefined, b: 1 }))).toEqual({ b: 1 })
  })

  it('open an output value, secret or not, known or not', () => {
    const signature = { '4dabf18193072939515e22adb298388d': 'd0e6a833031e9bbcd3f4e8bde6ca49a4' }
    expect(decode({ ...signature, value: 1, dependencies: [] })).toBe(1)
    expect(decode({ ...signature, dependencies: [] })).toBe(UNKNOWN)
    expect(decode({ ...signature, value: 'pw', secret: true })).toEqual(new Secret('pw'))
  })

  it('never show a secret as JSON', () => {
    expect(JSON.stringify({ password: new Secret('canary') })).toBe('{"password":"[secret]"}')
  })

  it('are plain for arithmetic: secrets open, unknowns undefined', () => {
    expect(plain({ a: new Secret(5), b: UNKNOWN, c: [UNKNOWN] })).toEqual({ a: 5, b: undefined, c: [undefined] })
    expect(hasUnknown({ a: [new Secret({ b: UNKNOWN })] })).toBe(true)
    expect(hasUnknown({ a: [1, 'x'] })).toBe(false)
  })

  it('keep the ciphertext of a state closed', () => {
    const closed = decode({
      '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270',
      ciphertext: 'v1:…',
    })
    expect(closed).toEqual(new Secret(UNKNOWN))
    expect(encode('plain')).toBe('plain')
  })
})
