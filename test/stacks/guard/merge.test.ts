import { describe, expect, it } from 'vitest'
import { addMissing } from '../../../stacks/guard/merge.ts'
import { Secret, UNKNOWN } from '../../../stacks/wire/values.ts'

describe('what is filled in to be safe', () => {
  it('reaches into sections and into items of a list', () => {
    expect(
      addMissing(
        { template: { containers: [{ image: 'a' }, { image: 'b', resources: { cpuIdle: false } }] } },
        {
          template: {
            timeout: '5s',
            containers: [
              { image: 'a', resources: { cpuIdle: true } },
              { image: 'b', resources: { cpuIdle: true } },
            ],
          },
        },
      ),
    ).toEqual({
      template: {
        timeout: '5s',
        containers: [
          { image: 'a', resources: { cpuIdle: true } },
          { image: 'b', resources: { cpuIdle: false } },
        ],
      },
    })
  })

  it('overwrites nothing that was set, secret or not known yet, also in a list', () => {
    const secret = new Secret('canary')
    const given = { list: [{ key: secret }, { key: UNKNOWN }, UNKNOWN], name: UNKNOWN, other: secret }
    expect(
      addMissing(given, { list: [{ key: 'x' }, { key: 'y' }, { key: 'z' }], name: 'n', other: { deep: 1 } }),
    ).toEqual(given)
    // A list that is not as long is another one.
    expect(addMissing({ list: [] }, { list: [1] })).toEqual({ list: [] })
  })
})
