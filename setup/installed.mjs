// Set-up of an installed assay-service: what its package does not bring. A checkout has run.mjs.
import { assets, madeAssets } from './assets.mjs'
import { pythonEnvironment } from './python-environment.mjs'
import { say } from './say.mjs'

await assets()
await madeAssets(pythonEnvironment())
say('Everything is there')
