import { deployTheirs, type TheirStand } from './theirs.ts'

/** A deployment in a process of its own; what to do stands in the only argument, as JSON. */
await deployTheirs(JSON.parse(process.argv[2] ?? '{}') as TheirStand)
