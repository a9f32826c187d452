import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesBelow, importsOf, ROOMS, root } from './tree.ts'

const SOURCE = /\.(ts|mjs)$/
const rooms: readonly string[] = ROOMS

describe('imports', () => {
  it('point one way: catalog <- stacks <- engines <- factory <- platform', () => {
    const wrong = filesBelow(ROOMS, SOURCE).flatMap((path) =>
      importsOf(path).flatMap((one) => {
        if (one.path === undefined) return []
        const [from, to] = [roomOf(path), roomOf(one.path)]
        // The version is read from package.json.
        const allowed = to === 'package.json' || (rooms.includes(to) && rooms.indexOf(to) <= rooms.indexOf(from))
        return allowed ? [] : [`${path} imports ${one.path}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('never go in a circle', () => {
    const graph = new Map(
      filesBelow(ROOMS, SOURCE).map((path) => [
        path,
        importsOf(path).flatMap((one) => (one.path === undefined || one.typeOnly || one.dynamic ? [] : [one.path])),
      ]),
    )
    expect(circles(graph)).toEqual([])
  })

  it('name files that exist, with their endings', () => {
    // A bootstrap lies beside other files once it is packed.
    const files = filesBelow([...ROOMS, 'test', 'setup'], SOURCE).filter((path) => !/bootstrap\.mjs$/.test(path))
    const wrong = files.flatMap((path) =>
      importsOf(path).flatMap((one) =>
        one.path === undefined || existsSync(join(root, one.path)) ? [] : [`${path}: ${one.specifier}`],
      ),
    )
    expect(wrong).toEqual([])
  })

  it('of set-up are Node’s own and set-up’s, as nothing is installed yet', () => {
    const wrong = filesBelow(['setup'], SOURCE).flatMap((path) =>
      importsOf(path).flatMap(({ specifier }) => (/^(node:|\.\/)/.test(specifier) ? [] : [`${path}: ${specifier}`])),
    )
    expect(wrong).toEqual([])
  })

  it('of the witness’ prices know neither catalogue nor demand nor rules', () => {
    const wrong = filesBelow(['engines'], /^engines\/[^/]+\/sandbox\/.*\.ts$/).flatMap((path) =>
      importsOf(path).flatMap((one) =>
        one.path !== undefined && !one.typeOnly && /^(catalog\/|engines\/demand\/|engines\/[^/]+\/rules)/.test(one.path)
          ? [`${path} imports ${one.path}`]
          : [],
      ),
    )
    expect(wrong).toEqual([])
  })

  it('of one engine stay out of the others', () => {
    const wrong = filesBelow(['engines'], SOURCE).flatMap((path) => {
      const engine = engineOf(path)
      if (engine === undefined) return []
      return importsOf(path).flatMap((one) => {
        const other = one.path === undefined ? undefined : engineOf(one.path)
        return other === undefined || other === engine ? [] : [`${path} imports ${one.path}`]
      })
    })
    expect(wrong).toEqual([])
  })
})

function roomOf(path: string): string {
  return path.split('/')[0] ?? ''
}

/** The engine whose folder a file is in: those with an engine.yaml. */
function engineOf(path: string): string | undefined {
  const [room, folder] = path.split('/')
  if (room !== 'engines' || folder === undefined) return undefined
  return existsSync(join(root, 'engines', folder, 'engine.yaml')) ? folder : undefined
}

function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>()
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at !== -1) {
      found.add([...trail.slice(at), path].join(' -> '))
      return
    }
    if (done.has(path)) return
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return [...found]
}
