import { expect, it } from 'vitest'
import { stateUrl } from '../../../platform/store/state-url.ts'

it('names table and token, and asks for no TLS on loopback', () => {
  expect(stateUrl('postgres://role:p%40ss@127.0.0.1:5432/pipi', 'abc_state', 7)).toBe(
    'postgres://role:p%40ss@127.0.0.1:5432/pipi?sslmode=disable&table=abc_state&options=-c%20pipi.token%3D7',
  )
})

it("leaves TLS as the server's own address has it", () => {
  expect(stateUrl('postgres://r:p@db.example.org/pipi?sslmode=verify-full', 'abc_state', 1)).toContain(
    'sslmode=verify-full',
  )
  expect(stateUrl('postgres://r:p@db.example.org/pipi', 'abc_state', 1)).not.toContain('sslmode')
})
