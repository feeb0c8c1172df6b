// Prints what transformers.js makes of bundles, offline: FOLDER-OF-BUNDLES NAME… < texts as JSON.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [modules, folder, ...names] = process.argv.slice(2)
const found = createRequire(`${modules}/`).resolve('@huggingface/transformers')
const { env, AutoTokenizer, AutoModelForSequenceClassification } = await import(pathToFileURL(found))
env.allowRemoteModels = false
env.localModelPath = folder
let input = ''
for await (const part of process.stdin) input += part
const answers = {}
for (const name of names) {
  const tokenizer = await AutoTokenizer.from_pretrained(name)
  const model = await AutoModelForSequenceClassification.from_pretrained(name, { dtype: 'q8', device: 'cpu' })
  answers[name] = []
  for (const text of JSON.parse(input)) {
    const encoding = await tokenizer(text, { truncation: true })
    const { logits } = await model(encoding)
    answers[name].push({ ids: Array.from(encoding.input_ids.data, Number), logits: Array.from(logits.data) })
  }
}
console.log(JSON.stringify(answers))
