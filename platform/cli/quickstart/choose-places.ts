import type { ShownEngine } from '../wire.ts'

/** What the quickstart deploys to one engine. */
export interface Place {
  engine: string
  engineName: string
  example: Example
  workspace: string
}

export interface Example {
  /** Folder under `examples/`. */
  folder: string
  /** Name in its manifest. */
  name: string
  kinds: string[]
}

/**
 * The richest example that each engine can carry whole, by what the engines say of themselves. An engine that can carry
 * none of them is left out.
 * @param examples richest first
 */
export function choosePlaces(engines: ShownEngine[], examples: Example[]): Place[] {
  return engines.flatMap((engine) => {
    if (engine.closed !== undefined) return []
    const example = examples.find((it) => it.kinds.every((kind) => engine.carries.includes(kind)))
    if (example === undefined) return []
    return [{ engine: engine.code, engineName: engine.name, example, workspace: `${example.name}-${engine.code}` }]
  })
}
