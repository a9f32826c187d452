import { describe, expect, it } from 'vitest'
import { openLiveBlock } from '../../../../platform/cli/progress/live.ts'
import { openTerminal, type Terminal, visibleLength } from '../../../../platform/cli/terminal.ts'

function terminalOf(width: number, height: number): { terminal: Terminal; drawn: string[] } {
  const drawn: string[] = []
  return { terminal: { ...openTerminal(false), width, height, draw: (text) => void drawn.push(text) }, drawn }
}

describe('a block that is redrawn in place', () => {
  it('goes up by as many lines as it drew before', () => {
    const { terminal, drawn } = terminalOf(80, 24)
    const block = openLiveBlock(terminal, (tick) => (tick === 0 ? ['one', 'two'] : ['three']))
    block.stop()
    expect(drawn).toEqual(['\r\u001b[Jone\ntwo\n', '\u001b[2A\r\u001b[Jthree\n'])
  })

  it('is never wider or higher than the terminal, since then it would not be where it was', () => {
    const { terminal, drawn } = terminalOf(30, 5)
    openLiveBlock(terminal, () => Array.from({ length: 9 }, () => '\u001b[31mlong\u001b[0m '.repeat(20))).stop()
    const lines = (drawn[0] as string).replace('\r\u001b[J', '').trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    for (const line of lines) expect(visibleLength(line)).toBeLessThan(30)
  })

  it('lets nothing that a build says steer the terminal', () => {
    const { terminal, drawn } = terminalOf(80, 24)
    openLiveBlock(terminal, () => ['x\u001b[2J\u0007y']).stop()
    expect(drawn[0]).toBe('\r\u001b[Jx[2Jy\n')
  })
})
