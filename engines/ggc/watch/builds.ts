import { z } from 'zod'
import type { Reading, WatchContext } from '../../contract/watch.ts'
import { list, projectIn } from './call.ts'
import { monthStart } from './time-series.ts'

const buildSchema = z.object({ startTime: z.string().optional(), finishTime: z.string().optional() })

/** Minutes of builds since the month began, started by anybody; those of functions run in their functions' region. */
export async function readBuilds(context: WatchContext): Promise<Reading> {
  const query = new URLSearchParams({
    filter: `create_time>="${new Date(monthStart(context.now)).toISOString()}"`,
    pageSize: '1000',
  })
  let minutes = 0
  for (const region of [...context.regions, 'global']) {
    const url = `https://cloudbuild.googleapis.com/v1/projects/${projectIn(context)}/locations/${region}/builds?${query}`
    for (const { startTime, finishTime } of await list(context, url, 'builds', buildSchema)) {
      if (startTime === undefined) continue
      const end = finishTime === undefined ? context.now : Date.parse(finishTime)
      minutes += Math.max(0, end - Date.parse(startTime)) / 60_000
    }
  }
  return { meter: 'gcp-cloud-build.build', scope: '', total: minutes, until: context.now }
}
