import { everyEngine } from './every-engine.ts'

everyEngine(1, 3)
