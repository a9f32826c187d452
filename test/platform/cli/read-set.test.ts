import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readSet } from '../../../platform/cli/account/read-set.ts'

describe('a set of credentials that is set', () => {
  it('is read from standard input to its end, without what is empty', async () => {
    expect(await readSet(undefined, Readable.from(["A='one # two'\n", 'B=\n']))).toEqual({ A: 'one # two' })
    await expect(readSet(undefined, Readable.from(['A=']))).rejects.toMatchObject({ code: 'input.invalid' })
  })

  it('is not waited for at a terminal, where nobody would be told', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true })
    await expect(readSet(undefined, terminal)).rejects.toMatchObject({
      ...{ code: 'input.invalid', hint: expect.stringContaining('--file') },
    })
  })
})
