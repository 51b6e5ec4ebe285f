import eslint from "@eslint/js";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules/**"] },
  eslint.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/return-await": ["error", "always"],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      eqeqeq: "error",
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // chai's property assertions (`expect(x).to.be.true`) are expressions by design.
      "@typescript-eslint/no-unused-expressions": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    // Scripts of a page, as the browser loads them.
    files: ["local/web/assets/**/*.js"],
    languageOptions: {
      globals: Object.fromEntries(
        ["document", "location", "fetch", "setInterval", "EventSource", "URLSearchParams"].map((name) => [
          name,
          "readonly",
        ]),
      ),
    },
  },
  {
    files: ["handler/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ group: ["@pulumi/*", "**/infra/**", "**/local/**"], message: "The handler runs in Lambda." }] },
      ],
    },
  },
  {
    files: ["infra/**/*.ts", "index.ts"],
    rules: {
      // A string built from an Output holds Pulumi's "toString is not supported" prose instead of the value.
      "no-restricted-syntax": [
        "error",
        {
          selector: "CallExpression[callee.object.name='JSON'][callee.property.name='stringify']",
          message: "Use a policy object or pulumi.jsonStringify: JSON.stringify does not resolve Outputs.",
        },
        {
          selector: "CallExpression[callee.property.name='apply'] NewExpression",
          message: "A resource made inside apply is invisible in a preview.",
        },
        {
          selector: "CallExpression[callee.type='Super'][arguments.length=3]",
          message: "super(token, name, {}, opts): with three arguments the options are lost.",
        },
      ],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            // A group with a negated pattern would not do: what lies in an excluded folder cannot be taken in again.
            { regex: "/handler/(?!contract/)", message: "Only handler/contract is shared with infra." },
          ],
        },
      ],
    },
  },
  prettier,
);
