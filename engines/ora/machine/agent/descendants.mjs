import { readdir, readFile } from 'node:fs/promises'

/** All that a process has started, and what those have, without itself. */
export async function descendantsOf(pid) {
  const children = new Map()
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  await Promise.all(
    pids.map(async (one) => {
      const stat = await readFile(`/proc/${one}/stat`, 'latin1').catch(() => undefined)
      if (stat === undefined) return
      // The command's name stands in brackets, and may hold some.
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      children.set(parent, [...(children.get(parent) ?? []), Number(one)])
    }),
  )
  const found = new Set()
  const open = [pid]
  for (const next of open) {
    for (const child of children.get(next) ?? []) {
      if (found.has(child)) continue
      found.add(child)
      open.push(child)
    }
  }
  return [...found]
}

/** MiB that a process and all it started hold of their own. */
export async function memoryOf(pid) {
  const held = await Promise.all(
    [pid, ...(await descendantsOf(pid))].map(async (one) => {
      const status = await readFile(`/proc/${one}/status`, 'latin1').catch(() => '')
      return [/^RssAnon:\s+(\d+)/m, /^RssShmem:\s+(\d+)/m].reduce(
        (sum, field) => sum + Number(field.exec(status)?.[1] ?? 0),
        0,
      )
    }),
  )
  return held.reduce((sum, one) => sum + one, 0) / 1024
}
