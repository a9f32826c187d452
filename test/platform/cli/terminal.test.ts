import { describe, expect, it } from 'vitest'
import { layOut, printable, visibleLength } from '../../../platform/cli/terminal.ts'

describe('what the terminal shows', () => {
  it('lets nothing but colours steer it', () => {
    expect(printable('a\u001b[31mred\u001b[0m b\u001b]0;title\u0007\u001b[2J c\rd')).toBe(
      'a\u001b[31mred\u001b[0m b]0;title[2J cd',
    )
  })

  it('keeps line ends', () => {
    expect(printable('one\ntwo\tthree')).toBe('one\ntwo\tthree')
  })

  it('counts colours as no room', () => {
    expect(visibleLength('\u001b[31mred\u001b[0m')).toBe(3)
  })

  it('lays cells of several lines side by side', () => {
    expect(
      layOut(
        ['A', 'B'],
        [
          ['1', 'x\ny'],
          ['22', 'z'],
        ],
      ),
    ).toBe('A   B\n1   x\n    y\n22  z')
  })
})
