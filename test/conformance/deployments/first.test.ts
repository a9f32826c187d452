import { everyEngine } from './every-engine.ts'

everyEngine(0, 3)
