import type { Step } from './carriage.ts'
import { apply } from './steps/apply.ts'
import { build } from './steps/build.ts'
import { openStack } from './steps/open-stack.ts'
import { plan } from './steps/plan.ts'
import { preview } from './steps/preview.ts'
import { repair } from './steps/repair.ts'
import { reserve } from './steps/reserve.ts'
import { verify } from './steps/verify.ts'
import { verifyGone } from './steps/verify-gone.ts'

/**
 * A deployment's way through an engine, in order. Intake and assignment come before it (platform/commander/way.ts), and
 * settling (steps/settle.ts) ends it whatever happened. A step that is not for a deployment's kind is passed over.
 */
export const WAY: readonly Step[] = [openStack, build, plan, preview, reserve, apply, repair, verify, verifyGone]
