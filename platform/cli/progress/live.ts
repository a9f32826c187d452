import { colourParts, printable, type Terminal, visibleLength } from '../terminal.ts'

export interface LiveBlock {
  /** Leaves the last picture standing and stops redrawing. */
  stop(): void
}

/** Redraws a block of lines in place, some times a second. Only for a terminal that is `live`. */
export function openLiveBlock(terminal: Terminal, picture: (tick: number) => string[], everyMs = 120): LiveBlock {
  let drawn = 0
  let tick = 0
  const draw = () => {
    // What has scrolled out of the terminal cannot be drawn over.
    const lines = picture(tick++)
      .slice(0, terminal.height - 1)
      .map((line) => cut(printable(line), terminal.width - 1))
    const up = drawn === 0 ? '' : `\u001b[${drawn}A`
    terminal.draw(`${up}\r\u001b[J${lines.join('\n')}\n`)
    drawn = lines.length
  }
  draw()
  const timer = setInterval(draw, everyMs)
  return {
    stop: () => {
      clearInterval(timer)
      draw()
    },
  }
}

/** A line that wraps would break counting: cut it, colours ended. */
function cut(line: string, width: number): string {
  if (visibleLength(line) <= width) return line
  let seen = 0
  let kept = ''
  for (const part of colourParts(line)) {
    if (part.startsWith('\u001b')) {
      kept += part
      continue
    }
    kept += part.slice(0, Math.max(0, width - 1 - seen))
    seen += part.length
  }
  return `${kept}…\u001b[0m`
}
