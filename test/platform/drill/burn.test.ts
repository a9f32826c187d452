import { describe, expect, it } from 'vitest'
import type { Amount } from '../../../catalog/demand.ts'
import { Burn } from '../../../platform/drill/quarter/burn.ts'

const size = { requests: 100, egressMb: 1, memoryMb: 128 }
const amounts: Amount[] = [
  { meter: 'calls', scope: '', amount: 100, bound: 'watched', because: 'said' },
  { meter: 'places', scope: 'here', amount: 1, bound: 'proven', because: 'said' },
]
const used = (workspace: string) => ({ workspace, size, amounts })

describe('what visitors burn', () => {
  it('is, of what stands, only what they used beyond what is granted for it', () => {
    const burn = new Burn()
    burn.turnTo('2026-01')
    burn.came('modest', 80)
    burn.came('greedy', 150)
    burn.came('greedy', 150)
    const burned = burn.beside([used('modest'), used('greedy'), used('unseen')])
    expect(burned('calls')).toBe(200)
    expect(burned('places here')).toBe(0)
  })

  it('is all that was used of what is gone, until the month is over', () => {
    const burn = new Burn()
    burn.turnTo('2026-01')
    burn.came('short', 30)
    burn.went(used('short'))
    burn.went(used('never-visited'))
    expect(burn.beside([])('calls')).toBe(30)
    burn.turnTo('2026-01')
    expect(burn.beside([])('calls')).toBe(30)
    burn.turnTo('2026-02')
    expect(burn.beside([])('calls')).toBe(0)
  })
})
