// Validates Kubernetes objects, a JSON list on stdin, against the schemas of Kubernetes' own OpenAPI.
// Those allow unknown fields; here each is an error. Prints a line for each error; exit code 1 if
// there was one.
'use strict';

// The compiled schema of an object: `apps/v1` Deployment is IoK8sApiAppsV1Deployment.
function schemaOf({apiVersion, kind}) {
  const [version, group = 'core'] = apiVersion.split('/').reverse();
  const capital = (text) => text[0].toUpperCase() + text.slice(1);
  const name = `IoK8sApi${capital(group.split('.')[0])}${capital(version)}${kind}`;
  // By path: the package exports its classes alone.
  return require(`${__dirname}/node_modules/kubernetes-models/_schemas/${name}.js`).validate;
}

// `value`, noting in `asked` every path at which a property was looked for: a validator looks for the
// properties that its schema has, and at all of a map's.
function watched(value, path, asked) {
  if (value === null || typeof value !== 'object') return value;
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === 'symbol') return target[key];
      asked.add(`${path}/${key}`);
      return Object.hasOwn(target, key) ? watched(target[key], `${path}/${key}`, asked) : target[key];
    },
  });
}

function unknownPaths(value, path, asked) {
  if (value === null || typeof value !== 'object') return [];
  return Object.keys(value).flatMap((key) => {
    const at = `${path}/${key}`;
    return asked.has(at) ? unknownPaths(value[key], at, asked) : [at];
  });
}

function errorsOf(object) {
  const validate = schemaOf(object);
  const asked = new Set();
  const errors = validate(watched(object, '', asked)) ? [] : validate.errors;
  return [...errors.map((error) => `${error.instancePath} ${error.keyword} ${JSON.stringify(error.params)}`),
          ...unknownPaths(object, '', asked).map((path) => `${path} is no field`)];
}

let failed = false;
for (const object of JSON.parse(require('fs').readFileSync(0, 'utf8'))) {
  for (const error of errorsOf(object)) {
    failed = true;
    console.log(`${object.kind} ${object.metadata.name}: ${error}`);
  }
}
process.exit(failed ? 1 : 0);
