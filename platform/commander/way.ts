import type { Status } from '../../factory/contract/status.ts'

export interface WayStep {
  name: 'intake' | 'assign' | 'build' | 'plan' | 'reserve' | 'apply' | 'verify' | 'settle'
  by: 'commander' | 'engine'
  /** The state that is shown while it runs; undefined for the last, whose end is the final state. */
  status: Status | undefined
  does: string
}

/**
 * A deployment's way, in order. The first two steps are the commander's (`intake.ts`, `assign.ts`); the others are the
 * engine's (`factory/stem-cell/way.ts`, and `steps/settle.ts` whatever happened).
 */
export const DEPLOYMENT_WAY: readonly WayStep[] = [
  { name: 'intake', by: 'commander', status: 'accepted', does: 'judges the request as a whole and writes it down' },
  {
    name: 'assign',
    by: 'commander',
    status: 'assigned',
    does: 'gives it to an engine: per workspace in order, fair between accounts',
  },
  { name: 'build', by: 'engine', status: 'building', does: 'makes an artifact of the source at an exact commit' },
  {
    name: 'plan',
    by: 'engine',
    status: 'planning',
    does: 'compares what is wanted with what stands, and computes what it takes',
  },
  { name: 'reserve', by: 'engine', status: 'reserving', does: 'reserves all of it in the ledger, or refuses' },
  { name: 'apply', by: 'engine', status: 'applying', does: 'changes the platform, through the guard' },
  { name: 'verify', by: 'engine', status: 'verifying', does: 'asks what is reachable with a real request' },
  {
    name: 'settle',
    by: 'engine',
    status: undefined,
    does: 'replaces the reservation by what really stands, and sets the final state',
  },
]
