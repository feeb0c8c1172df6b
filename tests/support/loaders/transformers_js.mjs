// Prints what transformers.js makes of bundles, offline: MODULES FOLDER-OF-BUNDLES NAME… < texts by bundle, as JSON.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [modules, folder, ...names] = process.argv.slice(2)
const found = createRequire(`${modules}/`).resolve('@huggingface/transformers')
const { env, pipeline } = await import(pathToFileURL(found))
env.allowRemoteModels = false
env.localModelPath = folder
let input = ''
for await (const part of process.stdin) input += part
const texts = JSON.parse(input)
const answers = {}
for (const name of names) {
  const { task } = JSON.parse(readFileSync(`${folder}/${name}/linnet.json`, 'utf-8'))
  const { tokenizer, model } = await pipeline(task, name, { dtype: 'q8', device: 'cpu' })
  answers[name] = []
  for (const text of texts[name]) {
    const encoding = await tokenizer(text, { truncation: true })
    const { logits, last_hidden_state } = await model(encoding)
    answers[name].push({
      ids: Array.from(encoding.input_ids.data, Number),
      output: logits ? logits.tolist()[0] : last_hidden_state.tolist()[0],
    })
  }
}
console.log(JSON.stringify(answers))
