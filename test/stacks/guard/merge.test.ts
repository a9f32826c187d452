import { expect, it } from 'vitest'
import { addMissing, putInPlace } from '../../../stacks/guard/merge.ts'
import { plain, Secret, UNKNOWN } from '../../../stacks/wire/values.ts'

it('adds what was left out, at any depth, and overwrites nothing', () => {
  const original = { size: 'huge', password: new Secret('pw'), id: UNKNOWN, log: { days: new Secret(3) } }
  expect(
    addMissing(original, { size: 'tiny', password: 'x', id: 'y', log: { days: 1, level: 'warn' }, more: 1 }),
  ).toEqual({ ...original, log: { days: new Secret(3), level: 'warn' }, more: 1 })
})

it('puts what differs in its place, and what stays keeps its marks', () => {
  const original = {
    count: 3,
    password: new Secret('pw'),
    id: UNKNOWN,
    env: { TOKEN: new Secret('t'), MODE: 'on' },
    list: [{ key: new Secret('k'), min: 1 }],
  }
  const wanted = { ...plain(original), count: 0, env: { TOKEN: 't', MODE: 'off' }, list: [{ key: 'k', min: 0 }] }
  expect(putInPlace(original, wanted)).toEqual({
    ...original,
    count: 0,
    env: { TOKEN: new Secret('t'), MODE: 'off' },
    list: [{ key: new Secret('k'), min: 0 }],
  })
})

it('never shows what stood in a secret: what takes its place is secret as well', () => {
  expect(putInPlace({ secret: new Secret({ a: 1, b: 2 }) }, { secret: { a: 1, b: 0 } })).toEqual({
    secret: new Secret({ a: 1, b: 0 }),
  })
  const list = [new Secret('one'), new Secret('two')]
  expect(putInPlace({ list }, { list: ['one'] })).toEqual({ list: new Secret(['one']) })
})

it('takes away what is wanted no more', () => {
  expect(putInPlace({ schedule: 'every minute', name: 'a' }, { name: 'a' })).toEqual({ name: 'a' })
})
