// Holds the policies of pages against Google's CSP Evaluator. Findings without
// weight are printed too; only those that a stranger could use fail.
import { readFileSync } from 'node:fs'
import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import { Severity } from 'csp_evaluator/dist/finding.js'

const weight = [Severity.HIGH, Severity.SYNTAX, Severity.MEDIUM, Severity.HIGH_MAYBE, Severity.STRICT_CSP, Severity.MEDIUM_MAYBE]
const name = n => Object.keys(Severity).find(k => Severity[k] === n)
let heavy = 0
for (const line of readFileSync(process.argv[2], 'utf8').trim().split('\n')) {
  const [path, policy] = line.split('\t')
  if (!policy) { heavy++; console.log(`${path}: no policy`); continue }
  for (const f of new CspEvaluator(new CspParser(policy).csp).evaluate()) {
    const counts = weight.slice(0, 3).includes(f.severity)
    heavy += counts
    console.log(`${path}: ${name(f.severity)} ${f.directive} ${f.value ?? ''} ${f.description}`)
  }
}
process.exit(heavy ? 1 : 0)
