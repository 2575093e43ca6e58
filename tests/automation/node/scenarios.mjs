// The Node.js Automation API drives `pulumi` on a Python project. One process plays all scenarios, in order, on the
// same stacks, and prints one JSON line for each: {"scenario": ..., "error": ...}.
//
// Arguments: the folder with node_modules, the root of the CLI's installation, the project's folder.
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [modules, root, project] = process.argv.slice(2);
const require = createRequire(path.join(modules, "package.json"));
const automation = require("@pulumi/pulumi/automation");
const pulumi = require("@pulumi/pulumi");
const { LocalWorkspace, PulumiCommand } = automation;

const service = process.env.TEST_SERVICE;
const declare = (things) => writeFileSync(path.join(project, "dev.json"), JSON.stringify(things));
const sizes = () =>
    Object.values(JSON.parse(readFileSync(service, "utf8")).objects)
        .map((object) => object.size)
        .sort();
const urn = (name) => `urn:pulumi:dev::shop::test:index:Thing::${name}`;
const kinds = (events) => events.map((event) => Object.keys(event).find((key) => key.endsWith("Event")));
async function until(condition, run) {
    while (!condition()) {
        await Promise.race([run, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
}

const pulumiCommand = await PulumiCommand.get({ root });
const options = { pulumiCommand };
const args = { stackName: "dev", workDir: project };
let stack;

const scenarios = {
    async "a stack is made and selected, and errors have their classes"() {
        assert.equal(`${pulumiCommand.version}`, "3.272.0");
        await assert.rejects(LocalWorkspace.selectStack(args, options), automation.StackNotFoundError);
        stack = await LocalWorkspace.createOrSelectStack(args, options);
        await assert.rejects(LocalWorkspace.createStack(args, options), automation.StackAlreadyExistsError);
        const [summary, ...others] = await stack.workspace.listStacks();
        assert.deepEqual([summary.name, summary.current, others], ["dev", true, []]);
        const me = await stack.workspace.whoAmI();
        assert.match(me.url, /^file:/);
    },

    async "config and secrets are set, read and removed"() {
        await stack.setAllConfig({ size: { value: "L" }, token: { value: "hush", secret: true } });
        await stack.setConfig("tags.team", { value: "-data" }, true);
        await stack.setConfig("gone", { value: "soon" });
        await stack.removeConfig("gone");
        const config = await stack.getAllConfig();
        assert.deepEqual(Object.keys(config), ["shop:size", "shop:tags", "shop:token"]);
        assert.deepEqual([config["shop:token"].value, config["shop:token"].secret], ["hush", true]);
        assert.equal((await stack.getConfig("tags.team", true)).value, "-data");
        assert.deepEqual(Object.keys((await stack.workspace.stackSettings("dev")).config["shop:token"]), ["secure"]);
    },

    async "a preview counts what would change"() {
        declare({ a: { size: 1 }, b: { size: 2 } });
        const events = [];
        const preview = await stack.preview({ onEvent: (event) => events.push(event), diff: true });
        assert.deepEqual(preview.changeSummary, { create: 3 });
        assert.equal(kinds(events).at(-1), "cancelEvent");
        assert.ok(preview.stdout.includes("+ test:index:Thing: (create)"));
        assert.deepEqual(sizes(), []);
    },

    async "an up tells each step as an event"() {
        const [events, output] = [[], []];
        const up = await stack.up({
            message: "by node",
            onEvent: (event) => events.push(event),
            onOutput: (text) => output.push(text),
            showSecrets: true,
            userAgent: "scenarios/1",
        });
        assert.deepEqual(sizes(), [1, 2]);
        assert.deepEqual([up.summary.kind, up.summary.result, up.summary.message], ["update", "succeeded", "by node"]);
        assert.deepEqual(up.summary.resourceChanges, { create: 3 });
        assert.equal(up.summary.config["shop:token"].value, "hush");
        assert.equal(up.summary.environment["exec.agent"], "scenarios/1");
        assert.equal(output.join("").trim(), up.stdout);
        assert.deepEqual(events.map((event) => event.sequence), [...events.keys()]);
        assert.equal(kinds(events)[0], "preludeEvent");
        assert.deepEqual(kinds(events).slice(-2), ["summaryEvent", "cancelEvent"]);
        const made = events.map((event) => event.resOutputsEvent?.metadata).filter((metadata) => metadata);
        assert.deepEqual(made.find((metadata) => metadata.urn === urn("a")).new.outputs.echo, "size is 1");
        assert.ok(!JSON.stringify(events).includes("hush"));
    },

    async "outputs say which of them are secret"() {
        const outputs = await stack.outputs();
        assert.deepEqual(outputs.size, { value: "L", secret: false });
        assert.deepEqual(outputs.token, { value: "hush", secret: true });
        assert.deepEqual(outputs.tags, { value: { team: "-data" }, secret: false });
    },

    async "drift is previewed and taken over by a refresh"() {
        const kept = JSON.parse(readFileSync(service, "utf8"));
        Object.values(kept.objects).forEach((object) => (object.size = 7));
        writeFileSync(service, JSON.stringify(kept));
        assert.deepEqual((await stack.previewRefresh()).changeSummary, { update: 2 });
        const refreshed = await stack.refresh({ target: [urn("a")] });
        assert.equal(refreshed.summary.kind, "refresh");
        assert.equal(refreshed.summary.resourceChanges.update, 1);
    },

    async "history has the runs, newest first"() {
        const history = await stack.history();
        assert.deepEqual(history.map((run) => [run.version, run.kind, run.result]), [
            [2, "refresh", "succeeded"],
            [1, "update", "succeeded"],
        ]);
        assert.ok(new Date(history[0].startTime) <= new Date(history[0].endTime));
        assert.deepEqual((await stack.history(1, 2)).map((run) => run.version), [1]);
    },

    async "state is exported and imported"() {
        const state = await stack.exportStack();
        assert.equal(state.version, 3);
        const before = state.deployment.resources.map((resource) => resource.urn);
        state.deployment.resources = state.deployment.resources.filter((resource) => resource.urn !== urn("b"));
        await stack.importStack(state);
        const after = (await stack.exportStack()).deployment.resources.map((resource) => resource.urn);
        assert.deepEqual(after, before.filter((name) => name !== urn("b")));
    },

    async "a second run at once is refused, and the first is cancelled by its signal"() {
        declare({ wait: {}, c: { size: 3 } });
        const cancelling = new AbortController();
        const run = stack.up({ signal: cancelling.signal }).then(
            () => undefined,
            (error) => error,
        );
        await until(() => existsSync(path.join(project, "waiting")), run);
        await assert.rejects(stack.refresh(), automation.ConcurrentUpdateError);
        cancelling.abort();
        const error = await run;
        assert.ok(error instanceof automation.CommandError, `${error}`);
        assert.ok(!sizes().includes(3));
        assert.equal((await stack.info()).result, "failed");
        const [summary] = await stack.workspace.listStacks();
        assert.equal(summary.updateInProgress, false);
    },

    async "an inline program of Node.js registers its resources"() {
        const program = async () => {
            new pulumi.ComponentResource("shop:index:Lake", "lake");
            return { answer: pulumi.secret(42), mode: pulumi.runtime.isDryRun() };
        };
        const inline = { stackName: "inline", projectName: "lakes", program };
        const lake = await LocalWorkspace.createStack(inline, options);
        const up = await lake.up();
        assert.deepEqual(up.summary.resourceChanges, { create: 2 });
        assert.deepEqual(up.outputs.answer, { value: 42, secret: true });
        assert.deepEqual(up.outputs.mode, { value: false, secret: false });
    },

    async "a destroy empties the stack and removes it"() {
        const events = [];
        const destroyed = await stack.destroy({ remove: true, onEvent: (event) => events.push(event) });
        assert.equal(destroyed.summary.kind, "destroy");
        assert.ok(destroyed.summary.resourceChanges.delete >= 1);
        assert.equal(kinds(events).at(-1), "cancelEvent");
        assert.deepEqual(await stack.workspace.listStacks(), []);
        rmSync(service, { force: true });
    },
};

for (const [scenario, play] of Object.entries(scenarios)) {
    let error = null;
    try {
        await play();
    } catch (raised) {
        error = `${raised?.stack ?? raised}`;
    }
    console.log(JSON.stringify({ scenario, error }));
}
process.exit(0);
