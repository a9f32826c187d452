import type { Found, WatchContext } from '../../../contract/watch.ts'
import { type Asset, isOfFunction, pathOf, searchAssets } from '../assets.ts'
import { ownerOf } from './owner.ts'

interface Known {
  type: string
  inputs?(asset: Asset): Record<string, unknown>
  /** Pulumi's id where it is not the path after the host. */
  id?(path: string): string
}

const last = (path: string): string => path.split('/').at(-1) ?? path

/** Kinds of assets that cost, or that a meter counts, and what we call them. */
export const ASSETS: Record<string, Known> = {
  'compute.googleapis.com/Instance': {
    type: 'gcp:compute/instance:Instance',
    inputs: ({ displayName, location, additionalAttributes }) => ({
      name: displayName,
      zone: location,
      machineType: additionalAttributes?.machineType,
    }),
  },
  'compute.googleapis.com/Address': { type: 'gcp:compute/address:Address' },
  'compute.googleapis.com/Disk': { type: 'gcp:compute/disk:Disk' },
  'compute.googleapis.com/ForwardingRule': { type: 'gcp:compute/forwardingRule:ForwardingRule' },
  'container.googleapis.com/Cluster': { type: 'gcp:container/cluster:Cluster' },
  'sqladmin.googleapis.com/Instance': { type: 'gcp:sql/databaseInstance:DatabaseInstance', id: last },
  'cloudscheduler.googleapis.com/Job': {
    type: 'gcp:cloudscheduler/job:Job',
    // What it calls is not told, and does not matter to what it takes.
    inputs: ({ displayName, location }) => ({ name: displayName, region: location, httpTarget: {} }),
  },
  'firestore.googleapis.com/Database': {
    type: 'gcp:firestore/database:Database',
    inputs: ({ displayName, location }) => ({
      name: displayName,
      locationId: location,
      pointInTimeRecoveryEnablement: 'POINT_IN_TIME_RECOVERY_DISABLED',
      deletionPolicy: 'DELETE',
    }),
  },
  'pubsub.googleapis.com/Topic': { type: 'gcp:pubsub/topic:Topic' },
  'secretmanager.googleapis.com/Secret': { type: 'gcp:secretmanager/secret:Secret' },
}

/** The rest, by one search over all kinds. */
export async function findAssets(context: WatchContext): Promise<Found[]> {
  const found: Found[] = []
  for (const asset of await searchAssets(context, Object.keys(ASSETS))) {
    const known = ASSETS[asset.assetType]
    // What belongs to a function is the function's.
    if (known === undefined || isOfFunction(asset)) continue
    const path = pathOf(asset)
    found.push({
      type: known.type,
      id: known.id?.(path) ?? path,
      region: (asset.location ?? '').replace(/-[a-f]$/, ''),
      inputs: { ...known.inputs?.(asset), labels: asset.labels ?? {} },
      ...ownerOf(asset.labels),
    })
  }
  return found
}
